"""Every internal stream by its name."""

from __future__ import annotations

from collections.abc import Mapping

from motia_core.engine.internal_room import View
from motia_core.workbench.internal.log_view import LogView
from motia_core.workbench.internal.project_views import ApiEndpoints, Flows, FlowsConfig, StreamsRegistry
from motia_core.workbench.internal.queue_view import QueueView
from motia_core.workbench.internal.run_views import RunView, TraceView
from motia_core.workbench.mount import Management


def internal_views(management: Management) -> Mapping[str, View]:
    """The views of a core."""
    root, project = management.settings.project, management.project
    return {
        "__motia.flows": Flows(root, project),
        "__motia.flowsConfig": FlowsConfig(root, project),
        "__motia.api-endpoints": ApiEndpoints(root, project),
        "__motia.streams-registry": StreamsRegistry(root, project),
        "__motia.logs": LogView(management),
        "motia-trace-group": RunView(management),
        "motia-trace": TraceView(management),
        "__motia.bullmq-queues": QueueView(management),
    }
