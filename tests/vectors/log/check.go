// Checks what this project's log made with an implementation that is not its own:
// golang.org/x/mod/sumdb/note and golang.org/x/mod/sumdb/tlog.
//
//	GOPATH=/usr/share/gocode GO111MODULE=off go run check.go FILE
//
// FILE is a JSON document, see the type input. Everything in it must hold, and must be refused once
// one byte of it is another. The last line says how many things were accepted and refused.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type input struct {
	LogKey        string            `json:"log_key"`
	WitnessKey    string            `json:"witness_key"`
	Notes         []string          `json:"notes"`
	Cosigned      []string          `json:"cosigned"`
	Inclusions    []inclusion       `json:"inclusions"`
	Consistencies []consistency     `json:"consistencies"`
	Tiles         map[string][]byte `json:"tiles"`
}

type inclusion struct {
	Body  []byte `json:"body"`
	Proof string `json:"proof"`
}

type consistency struct {
	Old    string   `json:"old"`
	New    string   `json:"new"`
	Hashes [][]byte `json:"hashes"`
}

type tree struct {
	size int64
	root tlog.Hash
}

var accepted, refused int
var failures []string

// good expects that a thing holds, bad that it does not.
func good(what string, err error) {
	if err != nil {
		failures = append(failures, what+": "+err.Error())
		return
	}
	accepted++
}

func bad(what string, err error) {
	if err == nil {
		failures = append(failures, what+": accepted")
		return
	}
	refused++
}

// witness verifies timestamped cosignatures (C2SP tlog-cosignature, signature type 4), which the
// note package knows nothing of.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func newWitness(vkey string) (*witness, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("witness key")
	}
	data, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(data) != 33 || data[0] != 4 {
		return nil, errors.New("witness key material")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), data...))
	w := &witness{parts[0], binary.BigEndian.Uint32(sum[:4]), ed25519.PublicKey(data[1:])}
	if fmt.Sprintf("%08x", w.hash) != parts[1] {
		return nil, errors.New("witness key hash")
	}
	return w, nil
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.hash }
func (w *witness) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(sig))
	return ed25519.Verify(w.key, append([]byte(head), msg...), sig[8:])
}

func open(text string, verifiers ...note.Verifier) (tree, error) {
	n, err := note.Open([]byte(text), note.VerifierList(verifiers...))
	if err != nil {
		return tree{}, err
	}
	if len(n.Sigs) != len(verifiers) {
		return tree{}, errors.New("a signature is missing")
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != verifiers[0].Name() || lines[3] != "" {
		return tree{}, errors.New("not a checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tree{size, root}, err
}

// changed calls try with every text in which one byte of the note's text, or one byte of one of
// its signatures, is another.
func changed(text string, try func(string)) {
	end := strings.LastIndex(text, "\n\n") + 1
	for i := 0; i < end; i++ {
		if text[i] != '\n' {
			try(text[:i] + string([]byte{text[i] ^ 1}) + text[i+1:])
		}
	}
	for _, line := range strings.SplitAfter(text[end+1:], "\n") {
		at := strings.LastIndex(line, " ") + 1
		data, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(line[at:], "\n"))
		if line == "" || err != nil {
			continue
		}
		for i := range data {
			data[i] ^= 1
			other := line[:at] + base64.StdEncoding.EncodeToString(data) + "\n"
			data[i] ^= 1
			try(strings.Replace(text, line, other, 1))
		}
	}
}

func checkNotes(in input, log note.Verifier) {
	for i, text := range in.Notes {
		what := fmt.Sprintf("note %d", i)
		_, err := open(text, log)
		good(what, err)
		changed(text, func(other string) {
			_, err := open(other, log)
			bad(what+" changed", err)
		})
	}
	if in.WitnessKey == "" {
		return
	}
	w, err := newWitness(in.WitnessKey)
	if err != nil {
		failures = append(failures, err.Error())
		return
	}
	for i, text := range in.Cosigned {
		what := fmt.Sprintf("cosigned note %d", i)
		_, err := open(text, log, w)
		good(what, err)
		changed(text, func(other string) {
			_, err := open(other, log, w)
			bad(what+" changed", err)
		})
	}
}

// parseProof reads a C2SP tlog-proof.
func parseProof(text string) (index int64, hashes []tlog.Hash, checkpoint string, err error) {
	parts := strings.SplitN(text, "\n\n", 2)
	lines := strings.Split(parts[0], "\n")
	if len(parts) != 2 || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return 0, nil, "", errors.New("not a proof")
	}
	index, err = strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	for _, line := range lines[2:] {
		hash, e := tlog.ParseHash(line)
		if e != nil {
			return 0, nil, "", e
		}
		hashes = append(hashes, hash)
	}
	return index, hashes, parts[1], err
}

func checkInclusions(in input, log note.Verifier) {
	for i, item := range in.Inclusions {
		what := fmt.Sprintf("inclusion %d", i)
		index, hashes, checkpoint, err := parseProof(item.Proof)
		if err != nil {
			good(what, err)
			continue
		}
		t, err := open(checkpoint, log)
		good(what+" checkpoint", err)
		check := func(body []byte, index int64) error {
			return tlog.CheckRecord(hashes, t.size, t.root, index, tlog.RecordHash(body))
		}
		good(what, check(item.Body, index))
		body := append([]byte(nil), item.Body...)
		for at := range body {
			body[at] ^= 1
			bad(what+" body", check(body, index))
			body[at] ^= 1
		}
		for h := range hashes {
			for at := range hashes[h] {
				hashes[h][at] ^= 1
				bad(what+" hash", check(item.Body, index))
				hashes[h][at] ^= 1
			}
		}
		if t.size > 1 {
			bad(what+" index", check(item.Body, (index+1)%t.size))
		}
	}
}

func checkConsistencies(in input, log note.Verifier) {
	for i, item := range in.Consistencies {
		what := fmt.Sprintf("consistency %d", i)
		old, errOld := open(item.Old, log)
		next, errNew := open(item.New, log)
		good(what+" old", errOld)
		good(what+" new", errNew)
		var hashes tlog.TreeProof
		for _, data := range item.Hashes {
			var hash tlog.Hash
			copy(hash[:], data)
			hashes = append(hashes, hash)
		}
		check := func() error {
			return tlog.CheckTree(hashes, next.size, next.root, old.size, old.root)
		}
		good(what, check())
		targets := []*tlog.Hash{&old.root, &next.root}
		for h := range hashes {
			targets = append(targets, &hashes[h])
		}
		for _, hash := range targets {
			for at := range hash {
				hash[at] ^= 1
				bad(what+" hash", check())
				hash[at] ^= 1
			}
		}
	}
}

// tiles gives Go's reader the tiles of C2SP tlog-tiles; the reader checks them against the tree.
type tiles struct {
	at      map[string][]byte
	spoiled string
	byteAt  int
}

func path(t tlog.Tile) string {
	text := fmt.Sprintf("%03d", t.N%1000)
	for n := t.N / 1000; n > 0; n /= 1000 {
		text = fmt.Sprintf("x%03d/%s", n%1000, text)
	}
	text = fmt.Sprintf("tile/%d/%s", t.L, text)
	if t.W != 1<<8 {
		text += fmt.Sprintf(".p/%d", t.W)
	}
	return text
}

func (r *tiles) Height() int                     { return 8 }
func (r *tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (r *tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, t := range wanted {
		data, ok := r.at[path(t)]
		if !ok {
			return nil, errors.New("no tile " + path(t))
		}
		data = append([]byte(nil), data...)
		if path(t) == r.spoiled {
			data[r.byteAt] ^= 1
		}
		found = append(found, data)
	}
	return found, nil
}

func checkTiles(in input, log note.Verifier) {
	if len(in.Tiles) == 0 {
		return
	}
	t, err := open(in.Notes[len(in.Notes)-1], log)
	good("newest note", err)
	for _, item := range in.Inclusions {
		index, _, _, err := parseProof(item.Proof)
		if err != nil {
			continue // told by checkInclusions
		}
		leaf := tlog.StoredHashIndex(0, index)
		read := func(from *tiles) error {
			// Older versions of the reader leave some full tiles unchecked: the leaf is compared
			// with the entry as well.
			reader := tlog.TileHashReader(tlog.Tree{N: t.size, Hash: t.root}, from)
			found, err := reader.ReadHashes([]int64{leaf})
			if err == nil && found[0] != tlog.RecordHash(item.Body) {
				err = errors.New("another leaf")
			}
			return err
		}
		good(fmt.Sprintf("leaf %d through tiles", index), read(&tiles{at: in.Tiles}))
		tile := tlog.TileForIndex(8, leaf)
		tile.W = int(min64(256, t.size-tile.N*256))
		spoiled := &tiles{in.Tiles, path(tile), int(index%256) * tlog.HashSize}
		bad(fmt.Sprintf("leaf %d through a changed tile", index), read(spoiled))
	}
}

func min64(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

func main() {
	data, err := os.ReadFile(os.Args[1])
	var in input
	if err == nil {
		err = json.Unmarshal(data, &in)
	}
	var log note.Verifier
	if err == nil {
		log, err = note.NewVerifier(in.LogKey)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(2)
	}
	checkNotes(in, log)
	checkInclusions(in, log)
	checkConsistencies(in, log)
	checkTiles(in, log)
	for _, failure := range failures {
		fmt.Println(failure)
	}
	fmt.Printf("accepted %d refused %d\n", accepted, refused)
	if len(failures) > 0 {
		os.Exit(1)
	}
}
