/** User code may not end the process that others' work runs in. */

export const leaveProcess: (code: number) => never = process.exit.bind(process)

/** Thrown instead of ending the process. */
export class ExitError extends Error {
  constructor(readonly exitCode: number | string) {
    super(`called process.exit(${exitCode}): a step cannot end the process that runs it`)
    this.name = 'ExitError'
  }
}

export function guardExit(): void {
  process.exit = (code?: number | string | null): never => {
    throw new ExitError(code ?? 0)
  }
}
