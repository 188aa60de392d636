# frozen_string_literal: true

def config
  { name: 'hooked-ruby', schema: { type: 'object' }, presence: true, messages: { topic: 'hooked.ruby' } }
end

def can_access(subscription, _auth, _context)
  raise 'it broke' if subscription.groupId == 'broken'

  subscription.groupId == 'vague' ? 'yes' : subscription.groupId != 'closed'
end

def can_send(subscription, _auth, _context)
  raise 'it broke' if subscription.message.type == 'break'

  subscription.message.type == 'say'
end

def on_join(subscription, _context, _auth)
  subscription.groupId == 'unwanted' ? { unauthorized: true } : { presence: { from: 'ruby' } }
end

def on_leave(subscription, context, _auth)
  left = { streamName: subscription.streamName, groupId: subscription.groupId }
  context.state.set('journal-hooked-ruby', 'left', left)
end
