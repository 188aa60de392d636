/** The functions that say what clients of streams may do: those of a stream's file, and the config's streamAuth. */

import type { Context } from './context.js'
import { MotiaError } from './errors.js'
import { type HookAnswer, type StreamHook, StreamHookKind } from './gen/motia/v1/invoke.js'
import { parseJson, toJson } from './payload.js'

type UserFunction = (...args: unknown[]) => unknown

const NAMES = ['canAccess', 'canSend', 'onJoin', 'onLeave'] as const

/** By name; `authenticate` is the config's. */
export type StreamHooks = Partial<Record<(typeof NAMES)[number] | 'authenticate', UserFunction>>

const BY_KIND: Partial<Record<StreamHookKind, keyof StreamHooks>> = {
  [StreamHookKind.STREAM_HOOK_KIND_AUTHENTICATE]: 'authenticate',
  [StreamHookKind.STREAM_HOOK_KIND_CAN_ACCESS]: 'canAccess',
  [StreamHookKind.STREAM_HOOK_KIND_CAN_SEND]: 'canSend',
  [StreamHookKind.STREAM_HOOK_KIND_JOIN]: 'onJoin',
  [StreamHookKind.STREAM_HOOK_KIND_LEAVE]: 'onLeave',
}

/** Takes the functions out of a stream's config; the rest of it. Throws when one is there and is none. */
export function takeHooks(config: Record<string, unknown>): [StreamHooks, Record<string, unknown>] {
  const rest = { ...config }
  const hooks: StreamHooks = {}
  for (const name of NAMES) {
    const value = rest[name]
    delete rest[name]
    if (value === undefined || value === null) continue
    if (typeof value !== 'function') throw new TypeError(`${name} must be a function, it is a ${typeof value}`)
    hooks[name] = value as UserFunction
  }
  return [hooks, rest]
}

/** The function that a question is for. */
export function hookOf(hooks: StreamHooks | undefined, kind: StreamHookKind): UserFunction | undefined {
  const name = BY_KIND[kind]
  return name === undefined ? undefined : hooks?.[name]
}

/** Asks it. */
export async function askHook(hook: UserFunction, asked: StreamHook, context: Context): Promise<HookAnswer> {
  const result = await hook(...argumentsOf(asked, context))
  const isQuestion =
    asked.kind === StreamHookKind.STREAM_HOOK_KIND_CAN_ACCESS || asked.kind === StreamHookKind.STREAM_HOOK_KIND_CAN_SEND
  const text = isQuestion ? String(result === true) : toJson(result ?? null, 'what the function returned')
  if (text === undefined) {
    throw new MotiaError(`what the function returned is a ${typeof result}, which is not JSON`, 'bad_result')
  }
  return { value: Buffer.from(text) }
}

function argumentsOf(asked: StreamHook, context: Context): unknown[] {
  const { stream, groupId, id, connectionId } = asked
  const auth = asked.auth.length === 0 ? undefined : parseJson(asked.auth.toString())
  const subscription: Record<string, unknown> = { streamName: stream, groupId, ...(id === '' ? {} : { id }) }
  switch (asked.kind) {
    case StreamHookKind.STREAM_HOOK_KIND_AUTHENTICATE:
      return [{ headers: toHeaders(asked.headers), url: asked.url }, context]
    case StreamHookKind.STREAM_HOOK_KIND_CAN_ACCESS:
      return [subscription, auth, context]
    case StreamHookKind.STREAM_HOOK_KIND_CAN_SEND:
      return [{ ...subscription, message: toMessage(asked) }, auth, context]
    default:
      return [{ ...subscription, connectionId }, context, auth]
  }
}

function toMessage({ messageType, messageData }: StreamHook): { type: string; data?: unknown } {
  return { type: messageType, ...(messageData.length === 0 ? {} : { data: parseJson(messageData.toString()) }) }
}

function toHeaders(flat: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (let at = 0; at + 1 < flat.length; at += 2) headers[flat[at] as string] = flat[at + 1] as string
  return headers
}
