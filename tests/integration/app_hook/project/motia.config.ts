import { createHash } from 'node:crypto'
import path from 'node:path'
import cors from 'cors'
import express from 'express'
import helmet from 'helmet'
import multer from 'multer'
import { defineConfig } from 'motia'

const upload = multer({ storage: multer.memoryStorage(), limits: { fileSize: 8 * 1024 * 1024 } })
const waiting: string[] = [] // what is never answered
const left: string[] = [] // what clients did not wait for

export default defineConfig({
  app: (app) => {
    app.use(helmet())
    app.use(cors({ origin: 'https://shop.example' }))
    app.use((req, res, next) => {
      res.cookie('seen', 'yes')
      res.set('X-Hook', 'yes')
      next()
    })

    app.get('/health', (req, res) => {
      res.json({ ok: true, ip: req.ip, protocol: req.protocol, host: req.hostname, headers: req.headers })
    })
    app.use('/files', express.static(path.join(__dirname, 'public')))
    app.get('/download/:bytes', (req, res) => {
      const chunk = Buffer.alloc(64 * 1024, 'x')
      let rest = Number(req.params.bytes)
      const more = () => {
        while (rest > 0) {
          const part = chunk.subarray(0, Math.min(rest, chunk.length))
          rest -= part.length
          if (!res.write(part)) return res.once('drain', more)
        }
        res.end()
      }
      more()
    })
    app.post('/upload', upload.single('file'), (req, res) => {
      const { originalname, size, buffer } = req.file
      const digest = createHash('sha256').update(buffer).digest('hex')
      res.status(201).json({ originalname, size, digest, fields: req.body })
    })
    app.post('/echo', (req, res) => {
      res.type('application/octet-stream').flushHeaders()
      req.on('aborted', () => left.push('/echo'))
      req.pipe(res)
    })
    app.post('/refused', (_req, res) => res.status(413).send('not read'))
    app.get('/boom', () => {
      throw new Error('boom')
    })
    app.get('/late-boom', (_req, _res, next) => setTimeout(next, 10, new Error('late boom')))
    app.get('/handled-boom', () => {
      throw new Error('handled')
    })
    app.get('/events', (req, res) => {
      res.set('Content-Type', 'text/event-stream').flushHeaders()
      let count = 0
      const timer = setInterval(() => res.write(`data: ${count++}\n\n`), 20)
      req.on('close', () => {
        clearInterval(timer)
        left.push('/events')
      })
    })
    app.get('/silent', (req, res) => {
      res.set('Content-Type', 'text/event-stream').flushHeaders()
      req.on('close', () => left.push('/silent'))
    })
    app.get('/never', (req) => {
      waiting.push('/never')
      req.on('close', () => left.push('/never'))
    })
    app.get('/waiting', (_req, res) => res.json(waiting))
    app.get('/left', (_req, res) => res.json(left))
    app.get('/sleep/:ms', (req, res) => setTimeout(() => res.send('slept'), Number(req.params.ms)))
    app.get('/die', () => process.kill(process.pid, 'SIGKILL'))

    app.use('/slow', (_req, _res, next) => setTimeout(next, 200))
    app.use('/parsed', express.json({ limit: '1mb', reviver: (key, value) => (key === 'secret' ? undefined : value) }))
    app.use('/parsed', express.text(), express.raw({ type: 'application/octet-stream' }))
    app.use('/fields', upload.any())
    app.use('/signed', (req, _res, next) => {
      const hash = createHash('sha256')
      req.on('data', (chunk) => hash.update(chunk))
      req.on('end', () => {
        req.headers['x-digest'] = hash.digest('hex')
        delete req.headers['x-unwanted']
        next()
      })
    })
    app.use((req, _res, next) => {
      if (req.url.startsWith('/old/')) req.url = `/steps/${req.url.slice(5)}&rewritten=yes`
      const method = req.headers['x-http-method-override']
      if (method) req.method = String(method)
      next()
    })
    app.use((error, _req, res, next) => {
      if (error.message !== 'handled') return next(error)
      res.status(418).json({ error: error.message })
    })
  },
})
