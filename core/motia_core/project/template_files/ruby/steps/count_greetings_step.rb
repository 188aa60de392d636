# frozen_string_literal: true

# Every minute: how many greetings there are.
config = {
  type: 'cron', name: 'CountGreetings', description: 'Every minute: how many greetings there are',
  cron: '* * * * *', emits: [], flows: ['greetings']
}

def handler(context)
  context.logger.info('Greetings so far', count: context.state.get_group('greetings').size)
end
