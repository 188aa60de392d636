"""What a core tells monitoring systems: metrics for Prometheus, and traces, logs and metrics for OpenTelemetry."""
