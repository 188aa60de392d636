"""The project: what it has, what is wrong with it, its graph, how its steps do; the core and its processes."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from motia_core.workbench.described.operation import (
    HTML,
    SCRIPT,
    TEXT,
    At,
    JsonSchema,
    Message,
    Ms,
    Operation,
    Operations,
)
from motia_core.workbench.described.sidecars import Sidecar, Sidecars

Kind = Literal["api", "event", "cron", "noop"]


class Named(TypedDict):
    """The project's name and folder."""

    name: str
    path: str


class Root(TypedDict):
    """What this is."""

    version: str
    isDev: bool
    isTutorialDisabled: bool
    workbenchBase: str
    project: Named
    startedMs: At
    needsToken: bool


class OfGroup(TypedDict):
    """Which processes."""

    group: Annotated[str, Meta(description="The language group: node, python.")]


class Restarted(TypedDict):
    """How many."""

    restarted: int


class Health(TypedDict):
    """How the core is."""

    status: Literal["ok", "draining"]
    steps: int
    problems: Annotated[int, Meta(description="Errors, without warnings.")]
    eventsRunning: int
    durability: str
    sidecars: list[Sidecar]


class Live(TypedDict):
    """The process works."""

    status: Literal["ok"]


class Ready(TypedDict):
    """Whether requests may be sent here, and why not."""

    status: Literal["ok", "unready"]
    reasons: list[str]


class StepCounts(TypedDict):
    """How many steps there are."""

    api: int
    event: int
    cron: int
    noop: int


class ProblemCounts(TypedDict):
    """How many problems there are."""

    error: int
    warning: int


class Overview(TypedDict):
    """Counts."""

    steps: StepCounts
    streams: int
    problems: ProblemCounts
    health: Health


class Target(TypedDict):
    """A topic that a step emits to."""

    topic: str
    label: str | None
    conditional: bool


class QueueSettings(TypedDict):
    """How events reach a step."""

    type: Literal["fifo", "standard"]
    maxRetries: int
    delaySeconds: float
    concurrency: int


class Step(TypedDict):
    """A step, with the fields of its type."""

    id: str
    name: str
    type: Kind
    language: str
    file: str
    line: int | None
    description: str
    flows: list[str]
    emits: list[Target]
    virtualEmits: list[Target]
    virtualSubscribes: list[str]
    timeoutMs: NotRequired[int]
    method: NotRequired[str]
    path: NotRequired[str]
    middleware: NotRequired[Annotated[int, Meta(description="How many functions.")]]
    bodySchema: NotRequired[JsonSchema]
    querySchema: NotRequired[JsonSchema]
    responseSchema: NotRequired[Any]
    queryParams: NotRequired[Any]
    subscribes: NotRequired[list[str]]
    watches: NotRequired[Annotated[str | None, Meta(description="State, or a stream, whose changes start it.")]]
    queue: NotRequired[QueueSettings]
    inputSchema: NotRequired[JsonSchema]
    cron: NotRequired[str]
    timezone: NotRequired[str | None]


class Steps(TypedDict):
    """The steps."""

    steps: list[Step]


class Route(TypedDict):
    """A route and the step that serves it."""

    method: str
    path: str
    step: str
    language: str
    file: str
    line: int | None


class Routes(TypedDict):
    """The routes."""

    routes: list[Route]


class SourceQuery(TypedDict):
    """Which file."""

    step: Annotated[str, Meta(description="Id of a step, name of a stream, or its file below the project.")]


class Source(TypedDict):
    """The file of a step or stream."""

    step: str
    path: str
    line: int | None
    language: str
    content: str


class StepSource(TypedDict):
    """The file of a step as in 0.x, and what a tutorial says of it."""

    id: str
    content: str
    features: list[Any]


class Loaded(TypedDict):
    """How many files there are, and how many could be loaded."""

    total: int
    loaded: int


class ProjectProblem(TypedDict):
    """Something that is wrong with the project, and what to do."""

    severity: Literal["error", "warning"]
    file: str
    line: int | None
    step: str | None
    phase: Literal["discover", "resolve", "compile", "import", "config", "rules"]
    cause: str
    remedy: str | None
    stack: NotRequired[str]


class Problems(TypedDict):
    """What was loaded of the project, and why the rest was not."""

    steps: Loaded
    streams: Loaded
    problems: list[ProjectProblem]
    kept: list[str]


class Node(TypedDict):
    """A step in a graph."""

    id: str
    name: str
    type: Kind
    description: str
    language: str
    filePath: str
    subscribes: list[str]
    emits: list[str]
    virtualEmits: list[str]
    virtualSubscribes: list[str]
    action: NotRequired[Literal["webhook"]]
    webhookUrl: NotRequired[Annotated[str, Meta(examples=["POST /orders"])]]
    cronExpression: NotRequired[str]
    watches: NotRequired[Annotated[str, Meta(examples=["state", "stream orders"])]]
    nodeComponentPath: NotRequired[Annotated[str, Meta(description="What draws it: see GET /nodes.")]]


class Tab(TypedDict):
    """A page that a plugin adds to the workbench."""

    id: str
    label: str
    position: Literal["top", "bottom"]
    package: Annotated[str, Meta(description="Installed, or `~/` and a path below the project.")]
    props: dict[str, Any]


class Tabs(TypedDict):
    """Those of all plugins."""

    tabs: list[Tab]
    problem: Annotated[str | None, Meta(description="Why the plugins could not be asked.")]


class EdgeData(TypedDict):
    """What leads from one step to another."""

    variant: Literal["event", "virtual"]
    topic: str
    label: NotRequired[str]
    labelVariant: NotRequired[Literal["conditional"]]


class Edge(TypedDict):
    """A step leads to another."""

    id: str
    source: str
    target: str
    data: EdgeData


class Place(TypedDict, total=False):
    """Where a node stands."""

    x: float
    y: float
    sourceHandlePosition: Literal["bottom", "right"]
    targetHandlePosition: Literal["top", "left"]


class Flow(TypedDict):
    """Steps that are shown together."""

    id: str
    name: str
    steps: list[Node]
    edges: list[Edge]
    config: Annotated[dict[str, Place], Meta(description="Places by file.")]


class Flows(TypedDict):
    """The flows."""

    flows: list[Flow]


class FlowConfig(TypedDict):
    """Where the nodes of a flow stand."""

    id: Annotated[str, Meta(description="The flow.")]
    config: Annotated[dict[str, Any], Meta(description="Places by file.")]


class NodesQuery(TypedDict, total=False):
    """Which file."""

    file: Annotated[str, Meta(description="A `nodeComponentPath` of a node.")]


class StatsQuery(TypedDict, total=False):
    """How far back."""

    minutes: Annotated[int, Meta(ge=1, le=60, extra_json_schema={"default": 15})]


class StepTopic(TypedDict):
    """What came to a step with one topic: events, and attempts that failed."""

    events: int
    failed: int


class StepStats(TypedDict):
    """How a step did. `completedBy` and `failedBy` have a number for each bucket, oldest first."""

    running: int
    waiting: int
    completed: int
    failed: int
    p50Ms: Ms
    p95Ms: Ms
    completedBy: list[int]
    failedBy: list[int]
    topics: Annotated[dict[str, StepTopic], Meta(description="What came to it, by topic.")]


class TopicStats(TypedDict):
    """How many events of a topic were handled for the first time since the start."""

    emitted: int


class Stats(TypedDict):
    """How the steps did in the last minutes."""

    untilMs: At
    bucketMs: int
    steps: Annotated[dict[str, StepStats], Meta(description="By id.")]
    topics: dict[str, TopicStats]


OPERATIONS: Operations = {
    "GET ": Operation("What this is", Root),
    "GET /": Operation("What this is", Root),
    "GET /overview": Operation("Counts", Overview),
    "GET /health": Operation("How the core is", Health),
    "GET /live": Operation("The process works", Live, is_open=True),
    "GET /ready": Operation("Requests may be sent here", Ready, also={503: Ready}, is_open=True),
    "GET /metrics": Operation("Metrics, for Prometheus", TEXT),
    "GET /steps": Operation("The steps", Steps),
    "GET /steps/source": Operation("The file of a step or stream", Source, query=SourceQuery, errors=(404,)),
    "GET /step/<step_id>": Operation("The file of a step, as in Motia 0.x", StepSource, errors=(404,)),
    "GET /routes": Operation("The routes", Routes),
    "GET /problems": Operation("What is wrong with the project", Problems),
    "GET /flows": Operation("The graph of each flow", Flows),
    "GET /nodes": Operation("What draws a step, as an ES module", SCRIPT, query=NodesQuery, errors=(404, 422)),
    "GET /tabs": Operation("The tabs of plugins", Tabs),
    "GET /tabs/<tab_id>": Operation("A tab's component, as an ES module", SCRIPT, errors=(404, 422)),
    "GET /flows/<path:flow_id>/mermaid": Operation("A flow as a Mermaid flowchart", TEXT, errors=(404,)),
    "POST /flows/<path:flow_id>/config": Operation(
        "Save where the nodes of a flow stand", Message, body=FlowConfig, errors=(400,)
    ),
    "GET /stats": Operation("How the steps did", Stats, query=StatsQuery, errors=(400,)),
    "GET /sidecars": Operation("The processes that run steps", Sidecars),
    "POST /sidecars/restart": Operation("Replace processes", Restarted, body=OfGroup, errors=(400, 404, 503)),
    "GET /openapi.json": Operation("The project's api steps as OpenAPI 3.1", dict[str, Any]),
    "GET /asyncapi.json": Operation("The project's topics and streams as AsyncAPI 3.0", dict[str, Any]),
    "GET /management.json": Operation("This description", dict[str, Any]),
    "GET /docs": Operation("A page that shows these descriptions", HTML),
    "GET /docs/<name>": Operation("What the page loads", "*/*", errors=(404,)),
}
