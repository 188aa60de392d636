import fs from 'node:fs'
import path from 'node:path'

export enum Currency {
  Euro = 'EUR',
}

export class Prices {
  constructor(private readonly file: string = path.join(__dirname, '../data/prices.json')) {}

  of(product: string): number {
    return JSON.parse(fs.readFileSync(this.file, 'utf8'))[product] ?? 0
  }
}
