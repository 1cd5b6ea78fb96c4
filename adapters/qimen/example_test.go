package qimen_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/chudan-io/chudan/adapters/qimen"
	"github.com/chudan-io/chudan/policy"
)

// An institution mounts the handler in a server of its own. In place of the
// issuer here stands what policy.New makes.
func ExampleHandler() {
	issuer := issuerFunc(func(_ context.Context, t policy.Tenant, r *policy.Request) (policy.Receipt, error) {
		return policy.Receipt{PolicyNo: "P" + r.Identifier, PolicyFileURL: "https://insurer.example/" + string(t)}, nil
	})
	apps, err := qimen.NewApps(qimen.App{
		Key:     "87654321",
		Tenant:  "alibaba",
		Secrets: []qimen.Secret{{Value: "helloworld"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	handler, err := qimen.NewHandler(qimen.Config{Issuer: issuer, Apps: apps, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/qimen", handler)
	server := httptest.NewServer(mux)
	defer server.Close()

	client := qimen.Client{URL: server.URL + "/qimen", TargetAppKey: "87654321", Secret: "helloworld"}
	reply, err := client.Post(context.Background(), []byte(`{"identifier":"1"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", reply)

	client.Secret = "guessed"
	answer, err := client.Issue(context.Background(), []byte(`{"identifier":"1"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Code)
	// Output:
	// {"success":"true","errorCode":"SUCCESS","errorMessage":"OK","context":{"policyNo":"P1","policyFileUrl":"https://insurer.example/alibaba"}}
	// sign-check-failure
}

// Client calls an endpoint as the gateway does.
func ExampleClient() {
	client := qimen.Client{
		URL:          "https://insurer.example/qimen",
		AppKey:       "12345678", // the platform's
		TargetAppKey: "87654321", // the institution's
		Secret:       "helloworld",
		Charset:      "GBK",
		Clock:        clock,
	}
	r, err := client.NewRequest(context.Background(), []byte(`{"identifier":"1"}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(r.Header.Get("Content-Type"))
	fmt.Println(r.URL.Query().Get("sign"))
	// Output:
	// application/json;charset=gbk
	// 0292E6D2DC60C63A9CF3B4F6441AC6D9
}

// A field with a value of the wrong type hides no other.
func ExampleDecode() {
	r, faults := qimen.Decode([]byte(`{"identifier":"1","amount":1018.0,"insurePeriod":40,"attrs":""}`), qimen.DecodeOptions{})
	fmt.Println(r.Identifier, r.Amount, r.InsurePeriod, len(faults))
	fmt.Println(policy.Faults(r.Unread).Message(policy.English, ""))

	_, faults = qimen.Decode([]byte(`{"identifier":"1","Identifier":"2"}`), qimen.DecodeOptions{})
	fmt.Println(faults.Message(policy.English, ""))
	// Output:
	// 1 1018.0 40 0
	// amount: want a string, not a number
	// body: line 1, offset 30, identifier: the key has another case on the page
}

// Reply spells a receipt, or an error of the issuer, as the API page does.
func ExampleReply() {
	receipt := policy.Receipt{PolicyNo: "PBDI20211201Q000F0001", PolicyFileURL: "https://insurer.example/p?a=1&b=2"}
	fmt.Printf("%s\n", qimen.Reply(receipt, nil, policy.English, ""))
	fmt.Printf("%s\n", qimen.Reply(policy.Receipt{}, policy.ErrUnavailable, policy.English, "K7Q2M4X9AB"))
	// Output:
	// {"success":"true","errorCode":"SUCCESS","errorMessage":"OK","context":{"policyNo":"PBDI20211201Q000F0001","policyFileUrl":"https://insurer.example/p?a=1&b=2"}}
	// {"success":"false","errorCode":"isp.service-unavailable","errorMessage":"the service is not available; send the same request again later (reference K7Q2M4X9AB)"}
}

// A request was caught on its way, and its signature does not hold.
func ExampleCapture_Diagnose() {
	const query = "target_app_key=87654321&timestamp=2021-08-04+15%3A23%3A28"
	sign, err := qimen.Sign("helloworld", "application/json", query, nil, []byte(`{"identifier":"A"}`))
	if err != nil {
		log.Fatal(err)
	}
	capture, err := qimen.ParseCapture([]byte("POST /qimen?" + query + "&sign=" + sign + " HTTP/1.1\r\n" +
		"Content-Type: application/json\r\n\r\n" + `{"identifier":"A"}` + "\n"))
	if err != nil {
		log.Fatal(err)
	}
	apps := []qimen.App{{Key: "87654321", Secrets: []qimen.Secret{{Value: "helloworld"}}}}
	d := capture.Diagnose(apps, time.Time{})
	fmt.Println(d.Explained, d.Findings[0].Code)
	fmt.Println(d.Findings[0].Message.EN)
	// Output:
	// true newline-missing
	// the body was signed without the white space or newline at its end; sign every byte that is sent, and send no newline more
}
