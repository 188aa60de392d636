# frozen_string_literal: true

require 'motia'

def config
  { type: 'event', name: 'atomic run ruby', subscribes: ['atomic_run.ruby'], emits: [], atomic: true }
end

def handler(_input, context)
  state = context.state
  writes = {
    emit: -> { context.emit(topic: 'nobody.listens', data: {}) },
    set: -> { state.set('atomic_run', 'ruby', 1) },
    update: -> { state.update('atomic_run', 'ruby', [{ type: 'increment', path: '' }]) },
    compareAndSet: -> { state.compare_and_set('atomic_run', 'ruby', 0, 1) },
    delete: -> { state.delete('atomic_run', 'ruby') },
    clear: -> { state.clear('atomic_run') }
  }
  refused = writes.filter_map do |name, write|
    context.run(name, &write)
    nil
  rescue Motia::WriteInRunError
    name
  end
  read = context.run('read') { state.get('atomic_run', 'ruby') ? 'something' : 'nothing' }
  state.set('journal-atomic_run-ruby', '1', { n: 1, read: read, refused: refused })
end
