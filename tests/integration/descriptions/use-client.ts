// What a user writes against a generated client; TypeScript checks it, Node runs it. Argument: the core's URL.
import { ApiError, Client, type ListBooksResponse, success } from './motia-client.js'

const api = new Client({ baseUrl: `${process.argv[2]}/`, headers: { 'x-app': 'test' } })
const book = { isbn: '9780141439587', title: 'Emma', author: { name: 'Jane', born: null }, size: [13, 20] as [number, number] }

const added = await api.addBook({ body: book })
if (added.status === 201) {
  const title: string = added.body.title
  console.log('added', title, added.headers.get('x-trace-id') !== null)
}
const again = await api.addBook({ body: book })
if (again.status === 409) console.log('again', again.body.error)

// @ts-expect-error a book has a title
const refused = await api.addBook({ body: { isbn: '1234', author: { name: 'Jane' } } })
if (refused.status === 400) {
  const details = 'details' in refused.body ? refused.body.details : undefined
  console.log('refused', details?.errors?.map((error) => `${error.in} ${error.keyword}`).join())
}
try {
  success(refused)
} catch (error) {
  console.log('thrown', error instanceof ApiError && error.response.status)
}

const listed: ListBooksResponse = await api.listBooks({ query: { limit: 5, tag: ['a', 'b'], author: 'Jane' } })
const titles: string[] = success(listed).map((one) => one.title)
console.log('listed', titles.join(), success(await api.listBooks()).length)
// @ts-expect-error the limit is a number
const wrongLimit = await api.listBooks({ query: { limit: 'all' } })
console.log('wrong', wrongLimit.status)

console.log('got', success(await api.getBook({ path: { isbn: book.isbn } })).title)
const missing = await api.getBook({ path: { isbn: '0000' } })
if (missing.status === 404) console.log('missing', missing.body.error)
console.log('removed', (await api.removeBook({ path: { id: book.isbn } })).status)

const plain = await api.blurb({ path: { isbn: 'a/b ü' } })
const german = await api.blurb({ path: { isbn: '1', language: 'de' }, headers: { 'x-reader': 'Ada' } })
console.log('blurb', success(plain), '|', success(german))
// @ts-expect-error only en and de
const french = await api.blurb({ path: { isbn: '1', language: 'fr' } })
console.log('french', french.status)

const cover: Uint8Array = success(await api.cover({ path: { 0: 'a/b.png' } }))
console.log('cover', cover instanceof Uint8Array, cover.length)

const reader = { name: 'Ada', recommended_by: { name: 'Bob' } }
const lent = await api.lend({ body: { isbn: '1234', reader, until: '2026-01-31', condition: 'worn' } })
console.log('lent', success(lent).id)
const loans = await api.listLoans({ path: { isbn: '1234' }, query: { overdue: true, page: { size: 3 } } })
console.log('loans', success(loans).only, success(await api.listLoans()).only)

const controller = new AbortController()
controller.abort()
await api.listBooks({ signal: controller.signal }).catch((error) => console.log('aborted', error.name))
