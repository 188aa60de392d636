/** A subscription that lives as long as components watch it. */

interface Watched<TState> {
  readonly state: TState
  readonly subscribe: (listener: () => void) => () => void
  on<TData>(type: string, listener: (data: TData) => void): () => void
  close(): void
}

/**
 * Joins when a component has been mounted, not when it was rendered: React may render what it never mounts. And leaves a
 * moment after the last one is gone: in StrictMode it is back at once.
 */
export class Held<TState, T extends Watched<TState>> {
  private subscription: T | undefined
  private watchers = 0
  private leaving: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly make: () => T,
    private readonly initial: TState,
  ) {}

  get current(): T {
    return (this.subscription ??= this.make())
  }

  readonly state = (): TState => this.subscription?.state ?? this.initial

  readonly subscribe = (listener: () => void): (() => void) => {
    clearTimeout(this.leaving)
    this.watchers += 1
    const unsubscribe = this.current.subscribe(listener)
    return () => {
      unsubscribe()
      this.watchers -= 1
      if (this.watchers === 0) this.leaving = setTimeout(() => this.leave(), 0)
    }
  }

  /** In effects: they run when the component has been mounted. */
  on<TData>(type: string, listener: (data: TData) => void): () => void {
    return this.current.on(type, listener)
  }

  private leave(): void {
    this.subscription?.close()
    this.subscription = undefined
  }
}
