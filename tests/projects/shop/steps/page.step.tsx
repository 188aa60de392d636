import { ApiNode, type ApiNodeProps } from 'motia/workbench'
import React from 'react'

export const Node: React.FC<ApiNodeProps> = (props) => <ApiNode {...props}>Thank you</ApiNode>
