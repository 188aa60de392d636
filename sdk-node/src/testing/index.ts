/** `motia/testing`: run a project in a test, let time pass, look at what happens. docs/guides/testing.md shows how. */

export { type EmittedEvent, MotiaTestError } from './channel.js'
export type { FakeHandler } from './fakes.js'
export { type MadeContext, makeContext } from './make-context.js'
export { createMockFunction, type MockFunction } from './mock-function.js'
export { Motia, type StateOfTest, type StreamOfTest, startMotia } from './motia.js'
export type { RequestOptions, TestResponse } from './response.js'
export type * from './types.js'
