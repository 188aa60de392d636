// A board that everybody sees at once. The page keeps no state of its own: what it shows are streams, and what somebody
// does is a message, which a step handles.
import { StreamClient } from '/__motia/client/index.js'

const COLORS = ['yellow', 'pink', 'blue', 'green']
const NAMES = ['Ada', 'Grace', 'Linus', 'Edsger', 'Barbara', 'Alan', 'Margaret', 'Donald', 'Radia', 'Ken']
const MOVES_MS = 60 // between two messages while a note is dragged

const query = new URLSearchParams(location.search)
const room = query.get('board') ?? 'main'
const name = query.get('name') ?? NAMES[Math.floor(Math.random() * NAMES.length)]
const find = (id) => document.getElementById(id)

const streams = new StreamClient()
const notes = streams.group('notes', room, { presence: { name } })
const answers = streams.group('answers', room)

const send = (type, data, about) => notes.send(type, data, about).catch((error) => say(`that did not work: ${error.message}`))

// --- what there is

const cards = new Map()
let held // the note that is being dragged here: it follows the pointer, not the stream

function showNotes() {
  say(notes.status === 'live' ? 'live' : notes.status === 'refused' ? notes.error.message : 'connecting …', notes.status)
  const seen = new Set()
  for (const note of notes.items) {
    seen.add(note.id)
    show(note, cards.get(note.id) ?? add(note))
  }
  for (const [id, card] of cards) {
    if (seen.has(id)) continue
    card.remove()
    cards.delete(id)
  }
  find('hint').hidden = seen.size > 0
  find('members').replaceChildren(...notes.members.map(member))
}

function add({ id }) {
  const card = document.createElement('article')
  card.className = 'note'
  card.append(document.createElement('div'), document.createElement('small'), document.createElement('button'))
  const remove = card.lastElementChild
  remove.textContent = '×'
  remove.onclick = () => send('remove', undefined, { id })
  card.onpointerdown = (event) => event.target !== remove && drag(event, id, card)
  find('board').append(card)
  cards.set(id, card)
  return card
}

function show({ text, color, x, y, author, id }, card) {
  const [words, by, remove] = card.children
  words.textContent = text
  by.textContent = author
  remove.ariaLabel = `Remove the note “${text}”`
  card.style.background = `var(--${color})`
  if (held !== id) place(card, x, y)
}

function place(card, x, y) {
  card.style.left = `calc(${x} * (100% - ${card.offsetWidth}px))`
  card.style.top = `calc(${y} * (100% - ${card.offsetHeight}px))`
}

function member({ memberId, info }) {
  const item = document.createElement('li')
  const isSelf = memberId === notes.memberId
  item.textContent = isSelf ? `${info.name} (you)` : info.name
  item.classList.toggle('self', isSelf)
  return item
}

function showAnswers() {
  const list = find('answers')
  list.replaceChildren(
    ...answers.items.map(({ question, text, done }) => {
      const item = document.createElement('li')
      const asked = document.createElement('h2')
      const said = document.createElement('p')
      asked.textContent = question
      said.textContent = text
      said.classList.toggle('writing', !done)
      item.append(asked, said)
      return item
    }),
  )
  list.scrollTop = list.scrollHeight
}

function say(text, status = '') {
  find('status').textContent = text
  find('status').dataset.status = status
}

// --- what somebody does

function drag(down, id, card) {
  const board = find('board').getBoundingClientRect()
  const start = card.getBoundingClientRect()
  const [dx, dy] = [down.clientX - start.left, down.clientY - start.top]
  let told = 0
  let at
  held = id
  card.classList.add('held')
  card.setPointerCapture(down.pointerId)
  card.onpointermove = (event) => {
    const part = (from, size, room) => Math.min(1, Math.max(0, from / Math.max(1, room - size)))
    const x = part(event.clientX - dx - board.left, start.width, board.width)
    const y = part(event.clientY - dy - board.top, start.height, board.height)
    place(card, x, y)
    at = { x, y }
    if (event.timeStamp - told < MOVES_MS) return
    told = event.timeStamp
    send('put', at, { id })
  }
  card.onpointerup = card.onpointercancel = () => {
    card.onpointermove = card.onpointerup = card.onpointercancel = null
    card.classList.remove('held')
    held = undefined
    if (at !== undefined) send('put', at, { id })
  }
}

find('colors').append(
  ...COLORS.map((color, at) => {
    const choice = document.createElement('input')
    Object.assign(choice, { type: 'radio', name: 'color', value: color, checked: at === 0, ariaLabel: color })
    choice.style.setProperty('--color', `var(--${color})`)
    return choice
  }),
)

find('write').onsubmit = (event) => {
  event.preventDefault()
  const text = find('text').value.trim()
  if (text === '') return
  const color = new FormData(event.target).get('color')
  const note = { text, color, x: 0.1 + Math.random() * 0.7, y: 0.1 + Math.random() * 0.6, author: name }
  send('put', note, { id: crypto.randomUUID() })
  find('text').value = ''
}

find('ask').onsubmit = (event) => {
  event.preventDefault()
  const text = find('question').value.trim()
  if (text === '') return
  send('ask', { text, author: name })
  find('question').value = ''
}

notes.subscribe(showNotes)
answers.subscribe(showAnswers)
