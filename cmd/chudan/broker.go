package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/chudan-io/chudan/adapters/queue"
	"github.com/chudan-io/chudan/adapters/queue/kafka"
	"github.com/chudan-io/chudan/adapters/queue/nats"
)

// brokerName is a topic or subject as it is named on the command line. It
// holds a password and is never printed.
type brokerName struct {
	flag                       string
	kind                       string // kafka or nats
	hosts                      []string
	user, password             string
	topic                      string // or subject
	group, reply, dead, tenant string
	sasl, credentials          string
	tls                        bool
	allowed, required          []string // parameters
	parameters                 url.Values
	example                    string
}

const (
	queueExample  = "kafka://host:9092/requests?reply=answers&dead=dead-letters"
	eventsExample = "kafka://host:9092/policy-events"
)

// parseQueue reads --queue.
func parseQueue(text, tenant string) (*brokerName, error) {
	n := &brokerName{flag: "--queue", example: queueExample,
		allowed: []string{"group", "reply", "dead", "tenant", "sasl", "creds", "tls"}, required: []string{"reply", "dead"}}
	if err := n.parse(text); err != nil {
		return nil, err
	}
	n.group, n.reply, n.dead = n.parameters.Get("group"), n.parameters.Get("reply"), n.parameters.Get("dead")
	if n.group == "" {
		n.group = "chudan"
	}
	if n.tenant = n.parameters.Get("tenant"); n.tenant == "" {
		n.tenant = tenant
	}
	for _, p := range []string{"group", "reply", "dead"} {
		if v := n.parameters.Get(p); v != "" && !isTopic(v) {
			return nil, usage("%[1]s：参数 %[2]s 应为名称，由字母、数字、. _ - 组成", "%[1]s: the parameter %[2]s must be a name of letters, digits, . _ and -", n.flag, p)
		}
	}
	if n.reply == n.topic || n.dead == n.topic || n.reply == n.dead {
		return nil, usage("%s：请求、reply 与 dead 须为三个不同的名称，否则应答会被当作请求", "%s: the requests, reply and dead must be three different names, or answers would be taken for requests", n.flag)
	}
	return n, nil
}

// parseEvents reads --events.
func parseEvents(text string) (*brokerName, error) {
	n := &brokerName{flag: "--events", example: eventsExample, allowed: []string{"sasl", "creds", "tls"}}
	if err := n.parse(text); err != nil {
		return nil, err
	}
	return n, nil
}

// parse never shows the text, nor what url.Parse says about it.
func (n *brokerName) parse(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return usage("%[1]s：应为 kafka://主机:端口/主题 或 nats://主机:端口/主题，如 %[2]s", "%[1]s: want kafka://HOST:PORT/TOPIC or nats://HOST:PORT/SUBJECT, such as %[2]s", n.flag, n.example)
	}
	if n.kind = u.Scheme; n.kind != "kafka" && n.kind != "nats" {
		return usage("%[1]s %[2]s://…：未知的消息系统，可用 kafka:// 或 nats://", "%[1]s %[2]s://…: no such kind of broker; want kafka:// or nats://", n.flag, u.Scheme)
	}
	n.hosts = strings.Split(u.Host, ",")
	for _, h := range n.hosts {
		if host, port, err := net.SplitHostPort(h); err != nil || host == "" || port == "" {
			return usage("%[1]s %[2]s://…：每个地址应为 主机:端口，多个以逗号分隔", "%[1]s %[2]s://…: each address must be HOST:PORT; several are parted by commas", n.flag, n.kind)
		}
	}
	n.user = u.User.Username()
	n.password, _ = u.User.Password()
	if n.topic = strings.TrimPrefix(u.Path, "/"); !isTopic(n.topic) {
		return usage("%[1]s %[2]s://…：地址之后应为一个主题，由字母、数字、. _ - 组成，如 %[3]s", "%[1]s %[2]s://…: want one topic or subject after the address, of letters, digits, . _ and -, such as %[3]s", n.flag, n.kind, n.example)
	}
	return n.parseParameters(u.RawQuery)
}

func (n *brokerName) parseParameters(query string) (err error) {
	if n.parameters, err = url.ParseQuery(query); err != nil {
		return usage("%[1]s %[2]s://…：? 之后应为 名称=值，以 & 分隔", "%[1]s %[2]s://…: want NAME=VALUE after the ?, parted by &", n.flag, n.kind)
	}
	for name, values := range n.parameters {
		if !slices.Contains(n.allowed, name) || len(values) != 1 {
			return usage("%[1]s %[2]s://…：参数 %[3]q 未知或重复，可用 %[4]s", "%[1]s %[2]s://…: the parameter %[3]q is unknown or stands twice; there are %[4]s", n.flag, n.kind, name, strings.Join(n.allowed, ", "))
		}
	}
	for _, name := range n.required {
		if n.parameters.Get(name) == "" {
			return usage("%[1]s %[2]s://…：缺少参数 %[3]s，如 %[4]s", "%[1]s %[2]s://…: the parameter %[3]s is missing, such as %[4]s", n.flag, n.kind, name, n.example)
		}
	}
	n.sasl, n.credentials = n.parameters.Get("sasl"), n.parameters.Get("creds")
	switch t := n.parameters.Get("tls"); {
	case t != "" && t != "true" && t != "false":
		return usage("%[1]s %[2]s://…：tls 应为 true 或 false", "%[1]s %[2]s://…: tls must be true or false", n.flag, n.kind)
	case n.kind == "nats" && n.sasl != "", n.kind == "kafka" && n.credentials != "":
		return usage("%[1]s %[2]s://…：sasl 只用于 kafka://，creds 只用于 nats://", "%[1]s %[2]s://…: sasl is for kafka://, creds for nats://", n.flag, n.kind)
	case n.sasl != "" && (n.user == "" || !slices.Contains(kafka.Mechanisms, n.sasl)):
		return usage("%[1]s kafka://…：sasl 应为 %[2]s 之一，并须在地址前写明 用户:密码@", "%[1]s kafka://…: sasl must be one of %[2]s, with USER:PASSWORD@ before the address", n.flag, strings.Join(kafka.Mechanisms, ", "))
	default:
		n.tls = t == "true"
	}
	return nil
}

// isTopic tells whether a text can be a topic of Kafka and a subject of NATS
// without wildcards.
func isTopic(text string) bool {
	for _, b := range []byte(text) {
		if (b < '0' || b > '9') && (b < 'A' || b > 'Z') && (b < 'a' || b > 'z') && !strings.ContainsRune("._-", rune(b)) {
			return false
		}
	}
	return text != "" && len(text) <= 200 && !strings.Contains("."+text+".", "..")
}

// broker is what the commands need of one.
type broker interface {
	Publisher(ctx context.Context, topic string) (queue.Publisher, error)
	Close()
}

// connectTimeout is how long a broker may take to answer at the start.
const connectTimeout = 10 * time.Second

func (n *brokerName) connect(ctx context.Context) (broker, error) {
	var secure *tls.Config
	if n.tls {
		secure = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if n.kind == "kafka" {
		return connected(kafka.Connect(ctx, kafka.Config{Brokers: n.hosts, User: n.user, Password: n.password, SASL: n.sasl, TLS: secure}))
	}
	c := nats.Config{Servers: n.hosts, User: n.user, Password: n.password, Credentials: n.credentials, TLS: secure}
	if n.user != "" && n.password == "" {
		c.User, c.Token = "", n.user
	}
	return connected(nats.Connect(ctx, c))
}

// connected keeps a nil pointer from becoming a broker.
func connected[B broker](b B, err error) (broker, error) {
	if err != nil {
		return nil, err
	}
	return b, nil
}

func (n *brokerName) source(ctx context.Context, b broker) (queue.Source, error) {
	switch b := b.(type) {
	case *kafka.Broker:
		return b.Source(ctx, kafka.SourceConfig{Topic: n.topic, Group: n.group})
	case *nats.Broker:
		return b.Source(ctx, nats.SourceConfig{Subject: n.topic, Group: n.group})
	}
	return nil, fmt.Errorf("%s has no source", n.kind)
}
