/** Answers a Load: has the files imported, each announced before, and describes them in the manifest. */

import type { MessagePort } from 'node:worker_threads'
import type { AppServer } from './app-hook.js'
import {
  FileKind,
  type Load,
  LoadPhase,
  type Manifest,
  type StepDefinition,
  type Warm,
} from './gen/motia/v1/manifest.js'
import type { Identity } from './identity.js'
import { Imports, importAhead } from './imports.js'
import type { LoadedStep, Loader, LoadFailure, LoadResult } from './loader.js'
import { installHooks } from './modules/install.js'
import type { Outbox } from './outbox.js'
import type { LoadedConfig } from './project-config.js'
import type { StreamHooks } from './stream-hooks.js'

/** The steps, and the hooks of streams by their file. */
export interface Loaded {
  steps: LoadedStep[]
  hooks: Map<string, StreamHooks>
}

export class Loading {
  /** The core does: steps of one file. */
  takesSeveral = false
  private announced: { path: string; acknowledged: () => void } | undefined
  private manifest: Manifest | undefined // while it may have been lost
  private loaded: Promise<Loaded> | undefined
  private answer: Manifest | undefined // to every Load that names the same files
  private app: AppServer | undefined
  private readonly imports = new Imports()
  private port: MessagePort | undefined // tells of ES modules
  /** The core wants to know what is imported. */
  isToTell = false
  private ready: Promise<void> = Promise.resolve() // what is to be imported ahead is

  /** Of what is loaded, or being loaded. */
  digest: string | undefined

  /**
   * Of the session whose Load is to be answered: an import may outlive the session that asked for it, and a later one is
   * not to hear of it before its own Load.
   */
  private asked: Outbox

  constructor(
    public outbox: Outbox, // of the session that there is now
    private readonly identity: Pick<Identity, 'address' | 'isExternal'>,
  ) {
    this.asked = outbox
  }

  /** Gets ready for a Load that will come. */
  warm({ packages }: Warm): void {
    this.ready = this.importAhead(packages).finally(() => this.outbox.add({ $case: 'warmed', value: {} }))
  }

  private async importAhead(packages: readonly string[]): Promise<void> {
    await import('./loader.js')
    this.port = await installHooks()
    this.imports.noteAhead(packages)
    await importAhead(packages)
  }

  /** Tells what was imported since the last time. */
  tell(): void {
    if (!this.isToTell) return // what the port has heard stays in it: not more than there are modules
    const value = this.imports.take(this.port)
    if (value !== undefined) this.outbox.add({ $case: 'imported', value })
  }

  /** Imports the files and sends the manifest; of the Load of a later session the manifest only. */
  load(load: Load): Promise<Loaded> {
    this.digest = load.digest
    this.asked = this.outbox
    if (this.answer !== undefined) this.sendManifest(this.answer)
    else if (this.announced !== undefined) this.sendLoading(this.announced.path)
    this.loaded ??= this.loadFiles(load)
    return this.loaded
  }

  private async loadFiles(load: Load): Promise<Loaded> {
    await this.ready
    const { Loader } = await import('./loader.js')
    const loader = new Loader(load.projectRoot, this.takesSeveral)
    const manifest: Manifest = { digest: load.digest, steps: [], streams: [], errors: [] }
    const steps: LoadedStep[] = []
    const hooks = new Map<string, StreamHooks>()
    const config = load.configFile === '' ? undefined : await this.loadConfig(load.configFile, loader, manifest)
    for (const route of config?.routes ?? []) {
      describe({ steps: [route] }, manifest)
      steps.push(route)
    }
    if (config?.authenticate !== undefined) hooks.set(load.configFile, { authenticate: config.authenticate })
    for (const { path, kind } of load.files) {
      await this.announce(path)
      const result = await loader.load(path, kind === FileKind.FILE_KIND_STREAM ? 'stream' : 'step')
      describe(result, manifest)
      if ('stream' in result) hooks.set(path, result.stream.hooks)
      if (!('steps' in result)) continue
      for (const step of result.steps) config?.middleware.apply(step)
      steps.push(...result.steps)
    }
    this.port = await installHooks() // they are, by the first file that was imported
    this.tell()
    this.answer = manifest
    this.sendManifest(manifest)
    return { steps, hooks }
  }

  private sendManifest(manifest: Manifest): void {
    this.manifest = manifest
    this.asked.add({ $case: 'manifest', value: manifest })
  }

  /** Lets the requests end that the config's Express app is answering; after the grace they are cut off. */
  async close(graceMs: number): Promise<void> {
    await this.app?.close(graceMs)
  }

  acknowledged(path: string): void {
    if (this.announced?.path !== path) return
    this.announced.acknowledged()
    this.announced = undefined
  }

  /** The core has the manifest. */
  arrived(): void {
    this.manifest = undefined
  }

  /** Sends again what may have been lost with the connection; `unsent` has the kinds that were not sent at all. */
  repeat(unsent: ReadonlySet<string>): void {
    if (this.announced !== undefined && !unsent.has('loading')) this.sendLoading(this.announced.path)
    if (this.manifest !== undefined && !unsent.has('manifest')) {
      this.asked.add({ $case: 'manifest', value: this.manifest })
    }
  }

  private async loadConfig(path: string, loader: Loader, manifest: Manifest): Promise<LoadedConfig | undefined> {
    await this.announce(path)
    const { loadProjectConfig } = await import('./project-config.js')
    const result = await loadProjectConfig(path, loader, this.identity)
    if ('failure' in result) {
      describe(result, manifest)
      return undefined
    }
    this.app = result.app
    const { warnings, middleware, authenticate } = result
    const hasStreamAuth = authenticate !== undefined
    manifest.config = { path, warnings, hasMiddleware: middleware.isGlobal, hasStreamAuth }
    if (result.app !== undefined) manifest.config.appHook = { address: result.app.address }
    return result
  }

  /** Tells the core which file is about to be imported, and waits until it knows. */
  private announce(path: string): Promise<void> {
    return new Promise((acknowledged) => {
      this.announced = { path, acknowledged }
      this.sendLoading(path)
    })
  }

  private sendLoading(path: string): void {
    this.asked.add({ $case: 'loading', value: { path } })
  }
}

/** Adds what one file defines to the manifest. */
function describe(result: LoadResult, manifest: Manifest): void {
  if ('failure' in result) {
    manifest.errors.push({ ...result.failure, phase: PHASES[result.failure.phase] })
    return
  }
  if ('steps' in result) {
    manifest.steps.push(...result.steps.map(describeStep))
    return
  }
  const { path, config, hooks, warnings } = result.stream
  manifest.streams.push({
    path,
    config: Buffer.from(JSON.stringify(config)),
    hasCanAccess: hooks.canAccess !== undefined,
    hasCanSend: hooks.canSend !== undefined,
    hasOnJoin: hooks.onJoin !== undefined,
    hasOnLeave: hooks.onLeave !== undefined,
    warnings,
  })
}

function describeStep(step: LoadedStep): StepDefinition {
  const { path, key, trigger, config, handler, middlewareCount, line, warnings } = step
  return {
    path,
    key,
    config: Buffer.from(JSON.stringify(config)),
    hasHandler: handler !== undefined,
    middlewareCount,
    line,
    warnings,
    trigger,
  }
}

const PHASES: Record<LoadFailure['phase'], LoadPhase> = {
  resolve: LoadPhase.LOAD_PHASE_RESOLVE,
  compile: LoadPhase.LOAD_PHASE_COMPILE,
  import: LoadPhase.LOAD_PHASE_IMPORT,
  config: LoadPhase.LOAD_PHASE_CONFIG,
}
