// From the request to the last step of its chain, in ms; module-level memory lives as long as the process.
export const hops: number[] = []
