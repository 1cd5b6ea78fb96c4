package main

import "testing"

func TestProf(t *testing.T) {
	_, err := contest([]server{{"chudan on SQLite", withSQLite}}, 20000)
	if err != nil { t.Fatal(err) }
}
func TestProf2(t *testing.T) {
	_, err := contest([]server{{"straight on SQLite", straightWithSQLite}}, 20000)
	if err != nil { t.Fatal(err) }
}
