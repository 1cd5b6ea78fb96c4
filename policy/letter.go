package policy

// letterKey is what the request of a dead letter is bound to. No identifier
// holds a space.
func letterKey(t Tenant, reference string) Key { return Key{t, "letter " + reference} }

// SealLetter encrypts a request that could not be worked on, as it was sent,
// for a dead letter with this reference number.
func (k *Keys) SealLetter(t Tenant, reference string, body []byte) []byte {
	return k.seal(letterKey(t, reference), body)
}

// OpenLetter gives what SealLetter encrypted for this tenant and reference
// number.
func (k *Keys) OpenLetter(t Tenant, reference string, sealed []byte) ([]byte, error) {
	return k.open(letterKey(t, reference), sealed)
}
