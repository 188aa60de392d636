/** Stand-ins for the adapters of 0.x that a motia.config may construct or extend: the core does their work itself. */

class Ignored {
  // biome-ignore lint/complexity/noUselessConstructor: it says that any arguments will do
  constructor(..._options: unknown[]) {}
}

export class DefaultCronAdapter extends Ignored {}
export class DefaultQueueEventAdapter extends Ignored {}
export class FileStateAdapter extends Ignored {}
export class FileStreamAdapter extends Ignored {}
export class FileStreamAdapterManager extends Ignored {}
export class MemoryStateAdapter extends Ignored {}
export class MemoryStreamAdapter extends Ignored {}
export class MemoryStreamAdapterManager extends Ignored {}
export class StreamAdapter extends Ignored {}

export function createStateAdapter(_options?: unknown): MemoryStateAdapter {
  return new MemoryStateAdapter()
}
