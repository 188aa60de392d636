/** A WebSocket connection that is made again whenever it is lost. */

const FIRST_PAUSE_MS = 300
const LONGEST_PAUSE_MS = 15_000
const STEADY_MS = 5_000 // a connection that lived so long was a good one: the next pause is short again
const OPEN = 1

type MaybeLater<T> = T | (() => T | Promise<T>)

export interface ConnectionOptions {
  /** Sub-protocols, which some projects carry a token in. A function is asked for each connection. */
  protocols?: MaybeLater<string | string[] | undefined>
  /** For a Node without one, if not the package `ws`. */
  WebSocket?: WebSocketConstructor
}

export interface Socket {
  readyState: number
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
  send(text: string): void
  close(code?: number): void
}

export type WebSocketConstructor = new (url: string, protocols?: string | string[]) => Socket

export interface ConnectionEvents {
  opened(): void
  /** It is lost, and will be made again; or it was closed. */
  lost(): void
  received(text: string): void
}

export class Connection {
  private socket: Socket | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
  private failures = 0
  private openedAt = 0
  private isClosed = false
  private readonly awake = () => this.hurry()

  constructor(
    private readonly url: MaybeLater<string | URL | undefined>,
    private readonly options: ConnectionOptions,
    private readonly events: ConnectionEvents,
  ) {
    // Who comes out of a tunnel, or back to the tab, does not want to wait for the pause to end.
    globalThis.addEventListener?.('online', this.awake)
    globalThis.document?.addEventListener('visibilitychange', this.awake)
    void this.connect()
  }

  get isOpen(): boolean {
    return this.socket?.readyState === OPEN
  }

  send(frame: unknown): void {
    if (this.isOpen) this.socket?.send(JSON.stringify(frame))
  }

  close(): void {
    this.isClosed = true
    clearTimeout(this.timer)
    globalThis.removeEventListener?.('online', this.awake)
    globalThis.document?.removeEventListener('visibilitychange', this.awake)
    const { socket } = this
    this.drop()
    socket?.close(1000)
  }

  private async connect(): Promise<void> {
    try {
      const [url, protocols, Constructor] = await Promise.all([
        current(this.url),
        current(this.options.protocols),
        this.options.WebSocket ?? webSocket(),
      ])
      if (this.isClosed) return
      const socket = new Constructor(String(url ?? here()), protocols)
      this.socket = socket
      socket.onopen = () => {
        this.openedAt = Date.now()
        this.events.opened()
      }
      socket.onmessage = (event: { data: unknown }) => this.events.received(String(event.data))
      socket.onerror = () => {} // close follows
      socket.onclose = () => {
        if (this.socket === socket) this.again()
      }
    } catch (error) {
      console.error('motia: streams cannot be reached:', error)
      this.again()
    }
  }

  private again(): void {
    if (this.isClosed) return
    if (this.openedAt > 0 && Date.now() - this.openedAt > STEADY_MS) this.failures = 0
    this.openedAt = 0
    this.drop()
    const longest = Math.min(FIRST_PAUSE_MS * 2 ** this.failures++, LONGEST_PAUSE_MS)
    // Not all clients of a core that was restarted come at the same moment.
    this.timer = setTimeout(() => this.hurry(), longest * (0.5 + Math.random() / 2))
  }

  private hurry(): void {
    if (this.timer === undefined || this.isClosed) return
    clearTimeout(this.timer)
    this.timer = undefined
    void this.connect()
  }

  private drop(): void {
    const { socket } = this
    this.socket = undefined
    if (socket === undefined) return
    socket.onopen = socket.onmessage = socket.onclose = null
    this.events.lost()
  }
}

async function current<T>(value: MaybeLater<T>): Promise<T> {
  return typeof value === 'function' ? await (value as () => T | Promise<T>)() : value
}

async function webSocket(): Promise<WebSocketConstructor> {
  const own = (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket
  if (own !== undefined) return own
  const name = 'ws' // Node before 22; no bundler for browsers must look for it
  return ((await import(name)) as { WebSocket: WebSocketConstructor }).WebSocket
}

/** The page's own server. */
function here(): string {
  const { location } = globalThis
  if (location === undefined) throw new TypeError('say where the core is: new StreamClient("ws://localhost:3000")')
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/`
}
