// What the steps of this sidecar process have seen; module-level memory lives as long as the process.
export const seen = { count: 0, hops: [] as number[], chains: [] as number[], lastAt: 0 }
export const now = () => Number(process.hrtime.bigint()) / 1e6 // CLOCK_MONOTONIC: the same in every process
