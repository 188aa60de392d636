/** What node components import, by the names that they import it by (sdk-node/src/component.ts leaves it to us). */

import { Handle, Position } from '@xyflow/react'
import React from 'react'
import * as jsx from 'react/jsx-runtime'
import * as dom from 'react-dom'
import { ApiNode, BaseHandle, BaseNode, Button, CronNode, EventNode, Input, NoopNode } from './parts'

declare global {
  var __motia_workbench: Record<string, object> | undefined
}

/** A module that says what it does not have. Bundles keep its prototype, and ask it for what they do not find. */
function module(name: string, members: object): object {
  const missing = (_: object, member: string | symbol) => {
    if (typeof member === 'symbol' || member === '__esModule' || member === 'default') return undefined
    throw new Error(`${name} has no ${member} here`)
  }
  return Object.assign(Object.create(new Proxy({}, { get: missing })), members)
}

const workbench = { ApiNode, BaseHandle, BaseNode, Button, CronNode, EventNode, Input, NoopNode, Position }

/** Puts it where the bundles look for it. */
export function provide(): void {
  globalThis.__motia_workbench ??= {
    react: React,
    'react-dom': dom,
    'react/jsx-runtime': jsx,
    'react/jsx-dev-runtime': { ...jsx, jsxDEV: jsx.jsx },
    '@xyflow/react': module('@xyflow/react', { Handle, Position }),
    'motia/workbench': module('motia/workbench', workbench),
    '@motiadev/workbench': module('@motiadev/workbench', workbench),
    '@motiadev/ui': module('@motiadev/ui', { Button, Input }),
  }
}
