/** What `import … from 'motia'` gives: the errors, identity helpers for config files, and the types of a project. */

export * from './adapters.js'
export { StreamAdapter } from './adapters.js' // the class, not the interface of the same name
export { type ApiBuilder, api, type CronBuilder, cron, type EventBuilder, event } from './builders.js'
export { type Config, config, defineConfig } from './config.js'
export { type StepBuilder, step } from './define.js'
export type { StepDefinition } from './definition.js'
export { MotiaError, RetryableError, TerminalError } from './errors.js'
export * from './guards.js'
export * from './project-types.js'
export { type ServerSentEvent, type ServerSentResponse, sse } from './server-sent.js'
export { enqueue, logger, StateManager, Stream, stateManager, type WriteResult } from './singletons.js'
export type * from './stream-types.js'
export type * from './triggered-types.js'
export { http, jsonSchema, MultiTriggerStepBuilder, multiTriggerStep, queue, state, stream } from './triggers.js'
export type * from './types.js'
export type { UpdateOp } from './update-ops.js'
export type { UploadedFile } from './upload.js'
