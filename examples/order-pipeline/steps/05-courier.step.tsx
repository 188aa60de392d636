import { NoopNode, type NoopNodeProps } from 'motia/workbench'

/** How the workbench draws the courier in the flow. */
export const Node = (props: NoopNodeProps) => (
  <NoopNode {...props}>
    <ul className="m-0 pl-4 text-xs text-muted-foreground">
      <li>comes at 11:00 and 16:00</li>
      <li>takes parcels of up to 20 kg</li>
    </ul>
  </NoopNode>
)
