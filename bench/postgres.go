package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/chudan-io/chudan/adapters/postgres"
	"github.com/chudan-io/chudan/internal/pgtest"
)

// reportPostgres needs a server that is installed; it starts one of its own.
func reportPostgres() error {
	cluster, err := pgtest.New()
	if errors.Is(err, pgtest.ErrNotInstalled) && os.Getenv("CHUDAN_REQUIRE_SERVERS") == "" {
		fmt.Printf("\nPostgreSQL was not measured: %v\n", err)
		return nil
	}
	if err != nil {
		return err
	}
	defer cluster.Remove()
	p := &postgresPlace{cluster: cluster}
	fmt.Printf("\nHTTP and PostgreSQL, %d connections, load, nodes and database on the same processors\n", connections)
	ours, err := contest([]server{
		{"chudan on PostgreSQL", p.ours(1)},
		{"the straightforward stack on PostgreSQL, one INSERT", p.straight},
		{"one INSERT for each request, nothing else", p.raw},
		{"chudan on PostgreSQL, two nodes", p.ours(2)},
	}, 20000)
	if err != nil {
		return err
	}
	verdict("ours / straightforward, requests per second", ours.perSecond[1], "≥", 1.6)
	verdict("ours / one INSERT, requests per second", ours.perSecond[2], "≥", 0.6)
	verdict("two nodes / one, requests per second", 1/ours.perSecond[3], "≥", 1.0)
	return nil
}

// postgresPlace gives each server that is measured a schema of its own.
type postgresPlace struct {
	cluster *pgtest.Cluster
	places  int
}

func (p *postgresPlace) next(ctx context.Context) (dsn string, drop func(), err error) {
	p.places++
	name := fmt.Sprintf("bench%d", p.places)
	do := func(statement string) error {
		conn, err := pgx.Connect(ctx, p.cluster.DSN("postgres"))
		if err != nil {
			return err
		}
		_, err = conn.Exec(ctx, statement)
		return errors.Join(err, conn.Close(ctx))
	}
	if err := do("CREATE SCHEMA " + name); err != nil {
		return "", nil, err
	}
	return p.cluster.DSN("postgres") + "&search_path=" + name, func() { _ = do("DROP SCHEMA " + name + " CASCADE") }, nil
}

// ours are nodes that share one database, and requests between them.
func (p *postgresPlace) ours(nodes int) func() (http.Handler, func(), error) {
	return func() (http.Handler, func(), error) {
		ctx := context.Background()
		dsn, drop, err := p.next(ctx)
		if err != nil {
			return nil, nil, err
		}
		var doors turns
		closeAll := drop
		for range nodes {
			store, err := postgres.Open(ctx, postgres.Config{DSN: dsn})
			if err != nil {
				closeAll()
				return nil, nil, err
			}
			others := closeAll
			closeAll = func() { _ = store.Close(); others() }
			h, err := door(store)
			if err != nil {
				closeAll()
				return nil, nil, err
			}
			doors.handlers = append(doors.handlers, h)
		}
		return &doors, closeAll, nil
	}
}

func (p *postgresPlace) straight() (http.Handler, func(), error) {
	store, closeAll, err := p.plain()
	if err != nil {
		return nil, nil, err
	}
	h, err := newStraight(store)
	return h, closeAll, err
}

// raw neither decodes nor decides: what inserting costs anybody.
func (p *postgresPlace) raw() (http.Handler, func(), error) {
	store, closeAll, err := p.plain()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			id := r.URL.Query().Get("sign") // of which no two requests have the same
			err = store.insert(r.Context(), id, id, id, body)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"success":"true"}`)
	}), closeAll, err
}

// plainStore is one INSERT for each request, over as many connections as there
// are requests at a time.
type plainStore struct{ pool *pgxpool.Pool }

func (p *postgresPlace) plain() (*plainStore, func(), error) {
	ctx := context.Background()
	dsn, drop, err := p.next(ctx)
	if err != nil {
		return nil, nil, err
	}
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, nil, err
	}
	config.MaxConns = connections
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, nil, err
	}
	_, err = pool.Exec(ctx, `CREATE TABLE policies (identifier text PRIMARY KEY, stream text UNIQUE, number text, body bytea)`)
	return &plainStore{pool}, func() { pool.Close(); drop() }, err
}

func (s *plainStore) insert(ctx context.Context, identifier, stream, number string, body []byte) error {
	_, err := s.pool.Exec(ctx, `INSERT INTO policies VALUES ($1, $2, $3, $4)`, identifier, stream, number, body)
	return err
}
