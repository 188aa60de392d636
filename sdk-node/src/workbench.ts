/** Types of `motia/workbench`, which files for the interface of 0.x import. At run time shims/stand-in.cts stands there. */

// biome-ignore lint/suspicious/noExplicitAny: the types are those of React and others, which nothing here depends on
type Any = any

export interface BaseNodeProps {
  data: Any
  [other: string]: Any
}
export type ApiNodeProps = BaseNodeProps
export type EventNodeProps = BaseNodeProps
export type CronNodeProps = BaseNodeProps
export type NoopNodeProps = BaseNodeProps

export declare const BaseNode: (props: Any) => Any
export declare const BaseHandle: (props: Any) => Any
export declare const ApiNode: (props: Any) => Any
export declare const EventNode: (props: Any) => Any
export declare const CronNode: (props: Any) => Any
export declare const NoopNode: (props: Any) => Any
export declare const Position: { Top: 'top'; Bottom: 'bottom'; Left: 'left'; Right: 'right' }
export declare const workbenchXPath: Any

export interface TutorialStep {
  title: string
  description: Any
  [other: string]: Any
}
