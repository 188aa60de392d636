import { BaseHandle, type ApiNodeProps, Position } from 'motia/workbench'

export default ({ data }: ApiNodeProps) => (
  <div className="p-4 bg-white text-black rounded-xl">
    <b>Reception:</b> {data.webhookUrl}
    <BaseHandle type="source" position={Position.Right} />
  </div>
)
