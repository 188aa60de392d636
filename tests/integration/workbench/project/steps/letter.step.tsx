import { Paper } from '@motiadev/ui'

export const Node = () => <Paper />
