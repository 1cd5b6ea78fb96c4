package policy_test
import ("testing";"os";json "github.com/go-json-experiment/json";"github.com/chudan-io/chudan/policy")
func BenchmarkZZDecode(b *testing.B){ data,_:=os.ReadFile("testdata/sample.json")
 b.ReportAllocs()
 for b.Loop(){ var r struct{policy.Request; InsurePeriod int `json:"insurePeriod"`}; if err:=json.Unmarshal(data,&r);err!=nil{b.Fatal(err)}}}
