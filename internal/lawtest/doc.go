// Package lawtest holds no code, only the tests that keep the house in order:
//
//   - the law of imports: which package may import what, and why. A package that is not in the table has no rights yet; adding one
//     means adding its row, with the reason, where a reviewer sees it;
//   - the core is pure: no clock, no I/O in policy and rules, so that one request and one edition always give the same decision;
//   - no init functions, no panic outside Must…, no catch-all packages, no package and no file that has outgrown its reader.
//
// The table is in law_test.go, the checks are in check_test.go, and control_test.go shows each of them a violation, so that a check
// which has gone blind fails. The linter's depguard rules repeat the imports for the editor; this is the full law.
package lawtest
