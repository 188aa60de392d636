# frozen_string_literal: true

def config
  { type: 'cron', name: 'cron ruby', cron: '0 0 1 1 *', emits: [] }
end

def handler(context)
  context.state.set('journal-cron-ruby', 'run', { n: 1, attempt: context.attempt })
end
