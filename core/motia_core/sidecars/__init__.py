"""Edge: language processes over gRPC. The only package that knows the protobuf code."""
