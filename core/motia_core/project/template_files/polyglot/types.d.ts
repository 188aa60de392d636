/**
 * Written by motia-core from the steps of this project: edit those, not this.
 * It must be among the files that TypeScript compiles ("include" in tsconfig.json).
 */

import type { ApiResponse, ApiRouteHandler, CronHandler, EventHandler, MotiaStream } from 'motia'

/** What steps may emit that name nothing in `emits`: everything. */
type AnyEvent =
  | { topic: 'greeting.requested'; data: { id: string; name: string } }
  | { topic: string & {}; data?: unknown }

declare module 'motia' {
  interface FlowContextStateStreams {}

  interface Handlers {
    /** * * * * *: Every minute: how many greetings there are · steps/count-greetings.step.js */
    'CountGreetings': CronHandler<AnyEvent>
    /** POST /greetings: Takes the name of a person to greet · steps/create-greeting.step.ts */
    'CreateGreeting': ApiRouteHandler<
      { name: string },
      ApiResponse<202, { id: string }>,
      { topic: 'greeting.requested'; data: { id: string; name: string } }
    >
    /** GET /greetings/:id: Shows a greeting · steps/read-greeting.step.ts */
    'ReadGreeting': ApiRouteHandler<
      Record<string, unknown>,
      ApiResponse<200, { id: string; text: string }> | ApiResponse<404, { error: string }>,
      AnyEvent,
      { id: string }
    >
    /** greeting.requested: Writes the greeting and keeps it · steps/write_greeting_step.py */
    'WriteGreeting': EventHandler<{ id: string; name: string }, AnyEvent>
  }
}
