import { existsSync } from 'node:fs'
import { useState } from 'react'

export const isKept = (file: string): boolean => existsSync(file) // for the server's side

export function Rooms({ floors }: { floors: number }) {
  const [rooms] = useState(3)
  return (
    <p data-testid="rooms" className="p-6">
      {rooms} rooms of {floors} floors
    </p>
  )
}

export function Cellar(): never {
  throw new Error('there is no cellar')
}
