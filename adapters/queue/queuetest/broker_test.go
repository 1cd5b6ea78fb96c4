package queuetest_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/chudan-io/chudan/adapters/queue"
	"github.com/chudan-io/chudan/adapters/queue/queuetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestBroker(t *testing.T) {
	queuetest.Run(t, func(testing.TB) queuetest.Queue {
		b := queuetest.NewBroker()
		return queuetest.Queue{
			Join:    func(testing.TB) queue.Source { return b.Source("requests") },
			Send:    b.Publisher("requests"),
			Nowhere: b.Publisher(""),
		}
	})
}
