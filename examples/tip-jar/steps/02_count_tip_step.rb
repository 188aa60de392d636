# frozen_string_literal: true

# Atomic: the sum and the event that tells of it happen together, or not at all.
config = {
  type: 'event', name: 'CountTip', subscribes: ['tip.given'], emits: ['tip.counted'], flows: ['tip-jar'], atomic: true
}

def handler(tip, context)
  jar = context.state.update('jar', 'all', [
                               { type: 'increment', path: '/cents', by: tip.cents },
                               { type: 'increment', path: '/tips' }
                             ])
  context.logger.info('a tip', from: tip.from, cents: jar.cents)
  context.emit(topic: 'tip.counted', data: { from: tip.from, cents: jar.cents })
end
