// Package motia is the Go SDK of motia-core: steps are values that register themselves when their package is initialised.
package motia

// APIConfig says when an api step runs. The schemas of its body and of its answer with status 200 come from the types
// of its handler; a schema given here wins. A schema is a value of a Go type, or JSON Schema as a map.
type APIConfig struct {
	Name              string          `json:"name,omitempty"`
	Description       string          `json:"description,omitempty"`
	Method            string          `json:"method"` // "GET" and so on
	Path              string          `json:"path"`   // "/orders/:id"
	Emits             []string        `json:"emits"`
	Flows             []string        `json:"flows,omitempty"`
	VirtualEmits      []string        `json:"virtualEmits,omitempty"`
	VirtualSubscribes []string        `json:"virtualSubscribes,omitempty"`
	BodySchema        any             `json:"-"`
	QuerySchema       any             `json:"-"`
	PathSchema        any             `json:"-"`
	HeadersSchema     any             `json:"-"`
	MessageSchema     any             `json:"-"` // of a Socket: its messages are JSON then
	Responses         map[int]any     `json:"-"` // a schema for each status
	Middleware        []Middleware    `json:"-"` // the first one is outermost
	Infrastructure    *Infrastructure `json:"infrastructure,omitempty"`
	Atomic            bool            `json:"atomic,omitempty"`
	CancelOnGone      *bool           `json:"cancelOnDisconnect,omitempty"`
	Extra             map[string]any  `json:"-"` // keys of the config that have no field here
}

// EventConfig says which events a step handles. The schema of its input comes from the type of its handler.
type EventConfig struct {
	Name              string            `json:"name,omitempty"`
	Description       string            `json:"description,omitempty"`
	Subscribes        []string          `json:"subscribes,omitempty"`
	Watches           map[string]string `json:"watches,omitempty"` // state or a stream, instead of topics
	Emits             []string          `json:"emits"`
	Flows             []string          `json:"flows,omitempty"`
	VirtualEmits      []string          `json:"virtualEmits,omitempty"`
	VirtualSubscribes []string          `json:"virtualSubscribes,omitempty"`
	WaitsFor          []string          `json:"waitsFor,omitempty"` // topics that WaitFor is called with
	Input             any               `json:"-"`                  // a schema that wins over that of the type
	Infrastructure    *Infrastructure   `json:"infrastructure,omitempty"`
	Queue             *Queue            `json:"queue,omitempty"`
	Atomic            bool              `json:"atomic,omitempty"`
	Extra             map[string]any    `json:"-"`
}

// CronConfig says when a step runs by the clock.
type CronConfig struct {
	Name           string          `json:"name,omitempty"`
	Description    string          `json:"description,omitempty"`
	Cron           string          `json:"cron"` // 5 or 6 fields, or @daily and the like
	Timezone       string          `json:"timezone,omitempty"`
	Overlap        string          `json:"overlap,omitempty"` // "skip", "queue" or "allow"
	CatchUp        string          `json:"catchUp,omitempty"` // "none", "once" or "all"
	Emits          []string        `json:"emits"`
	Flows          []string        `json:"flows,omitempty"`
	WaitsFor       []string        `json:"waitsFor,omitempty"`
	Infrastructure *Infrastructure `json:"infrastructure,omitempty"`
	Queue          *Queue          `json:"queue,omitempty"`
	Atomic         bool            `json:"atomic,omitempty"`
	Extra          map[string]any  `json:"-"`
}

// NoopConfig describes a step that is only drawn.
type NoopConfig struct {
	Name              string         `json:"name,omitempty"`
	Description       string         `json:"description,omitempty"`
	VirtualEmits      []string       `json:"virtualEmits"`
	VirtualSubscribes []string       `json:"virtualSubscribes"`
	Flows             []string       `json:"flows,omitempty"`
	Extra             map[string]any `json:"-"`
}

// StreamConfig describes a stream, and who may do what with it. A guard that is nil lets everybody in.
type StreamConfig struct {
	Name      string                                                              `json:"name"`
	Storage   map[string]any                                                      `json:"baseConfig"`
	Extra     map[string]any                                                      `json:"-"`
	CanAccess func(ctx *Context, who Subscription) (bool, error)                  `json:"-"`
	CanSend   func(ctx *Context, who Subscription, message Message) (bool, error) `json:"-"`
	OnJoin    func(ctx *Context, who Subscription) (any, error)                   `json:"-"`
	OnLeave   func(ctx *Context, who Subscription) error                          `json:"-"`
}

// Infrastructure holds the limits of a handler, and how events reach it.
type Infrastructure struct {
	Handler *Limits `json:"handler,omitempty"`
	Queue   *Queue  `json:"queue,omitempty"`
}

// Limits of one attempt. Timeout is in seconds.
type Limits struct {
	Timeout int     `json:"timeout,omitempty"`
	RAM     int     `json:"ram,omitempty"`
	CPU     float64 `json:"cpu,omitempty"`
}

// Queue says how events reach a step and how they are tried again. Durations are texts such as "500ms" or "2h".
type Queue struct {
	Type              string `json:"type,omitempty"`       // "standard" or "fifo"
	MaxRetries        *int   `json:"maxRetries,omitempty"` // see Ptr
	Backoff           string `json:"backoff,omitempty"`    // "fixed" or "exponential"
	RetryDelay        string `json:"retryDelay,omitempty"`
	VisibilityTimeout int    `json:"visibilityTimeout,omitempty"` // seconds
	DelaySeconds      int    `json:"delaySeconds,omitempty"`
	Concurrency       int    `json:"concurrency,omitempty"`
	ConcurrencyKey    string `json:"concurrencyKey,omitempty"`
	KeyConcurrency    int    `json:"keyConcurrency,omitempty"`
	RateLimit         string `json:"rateLimit,omitempty"` // "100/m"
	Priority          int    `json:"priority,omitempty"`
}

// Ptr is for fields whose zero is a value of its own: MaxRetries: motia.Ptr(0).
func Ptr[T any](value T) *T { return &value }
