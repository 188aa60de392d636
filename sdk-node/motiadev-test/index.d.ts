export * from '../dist/testing/as-before.js'
