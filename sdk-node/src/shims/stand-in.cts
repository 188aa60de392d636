/**
 * Stands in for motia/workbench and the @motiadev packages: plugins, adapters, interface parts. The core does their
 * work itself, so what projects construct here accepts everything and does nothing.
 */

function plugin(): Record<string, never> {
  return {}
}

class StandIn {}

// biome-ignore lint/suspicious/noGlobalAssign: the module itself must be callable
exports = module.exports = plugin
exports.default = plugin
exports.RedisStateAdapter = StandIn
exports.RedisStreamAdapterManager = StandIn
exports.RedisCronAdapter = StandIn
exports.BullMQEventAdapter = StandIn
exports.RabbitMQEventAdapter = StandIn
exports.BaseNode = plugin
exports.BaseHandle = plugin
exports.ApiNode = plugin
exports.EventNode = plugin
exports.CronNode = plugin
exports.NoopNode = plugin
exports.Position = { Top: 'top', Bottom: 'bottom', Left: 'left', Right: 'right' }
