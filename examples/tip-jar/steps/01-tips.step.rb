# frozen_string_literal: true

api 'POST', '/tips', name: 'GiveTip', emits: ['tip.given'], flows: ['tip-jar'] do |req, context|
  case req.body
  in { from: String => from, cents: Integer => cents } if cents.positive?
    context.emit(topic: 'tip.given', data: { from: from, cents: cents })
    return { status: 202, body: { thanks: from } }
  else
    return { status: 400, body: { error: 'a tip is { "from": "somebody", "cents": 100 }' } }
  end
end

api 'GET', '/jar', name: 'LookIntoJar', emits: [], flows: ['tip-jar'] do |_req, context|
  { status: 200, body: context.state.get('jar', 'all') || { cents: 0, tips: 0 } }
end
