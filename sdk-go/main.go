package motia

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// Build is what the builder knows of the project that it has built.
type Build struct {
	Root   string      // absolute; the files of the steps are below it
	Digest string      // of the files, as the core computes it
	Broken []FileError // what could not be built
}

// FileError is why one file could not be built.
type FileError struct {
	Path, Phase, Message, File, Missing string
	Line, Column                        int
	Stack                               string
}

type settings struct {
	address, token, language string
	ca, cert, key            string
	serverName, name         string
	external                 bool
}

// target is the address as gRPC wants it; only unix sockets and addresses that DNS need not look at are not resolved.
func (s settings) target() string {
	if strings.HasPrefix(s.address, "unix:") {
		return s.address
	}
	return "dns:///" + s.address
}

// Main serves the registered steps until the core says that it is over. The builder writes the program that calls it.
func Main(build Build) {
	if os.Getenv("MOTIA_SIDECAR_PROBE") != "" {
		fmt.Println("motia: initialised") // the builder looks whether all packages can be
		return
	}
	s := settings{os.Getenv("MOTIA_SIDECAR_ADDRESS"), os.Getenv("MOTIA_SIDECAR_TOKEN"), os.Getenv("MOTIA_SIDECAR_LANGUAGE"),
		os.Getenv("MOTIA_SIDECAR_CA"), os.Getenv("MOTIA_SIDECAR_CERT"), os.Getenv("MOTIA_SIDECAR_KEY"),
		os.Getenv("MOTIA_SIDECAR_SERVER_NAME"), "", os.Getenv("MOTIA_SIDECAR_EXTERNAL") == "1"}
	os.Unsetenv("MOTIA_SIDECAR_TOKEN")
	if s.address == "" || s.token == "" || s.language == "" {
		fatal(errors.New("MOTIA_SIDECAR_ADDRESS, MOTIA_SIDECAR_TOKEN and MOTIA_SIDECAR_LANGUAGE are not set: motia-core starts this program (motia-core serve); set them, and MOTIA_SIDECAR_EXTERNAL=1, to attach to a core elsewhere"))
	}
	session := newSession(s, build)
	if s.external {
		if session.settings.name = os.Getenv("MOTIA_SIDECAR_NAME"); session.settings.name == "" {
			session.settings.name, _ = os.Hostname()
		}
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGTERM, syscall.SIGINT)
		go func() {
			<-asked
			session.leave()
		}()
	} else {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin) // it ends with the core
			os.Exit(1)
		}()
	}
	if err := session.run(); err != nil {
		fatal(err)
	}
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "motia:", err)
	time.Sleep(10 * time.Millisecond) // whoever reads the pipe is to see it before the exit
	os.Exit(1)
}
