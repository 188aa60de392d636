// What the sink of this sidecar process has seen; module-level memory lives as long as the process.
export const seen = { count: 0 }
