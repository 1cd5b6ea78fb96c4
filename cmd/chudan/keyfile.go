package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/chudan-io/chudan/policy"
)

// keyFile is where a store's keys are: beside it, unless they were named.
func (n storeName) keyFile(named string) string {
	if named != "" {
		return named
	}
	return strings.TrimSuffix(n.path, ".db") + ".key"
}

// keys reads the store's keys. The first time they are made; a store that is
// there already must have had some, and new ones would not open its records.
func (c *console) keys(n storeName, named string) (policy.Keys, error) {
	if n.driver == "memory" && named == "" {
		return policy.ParseKeys([]byte(policy.NewKeyFile()))
	}
	if n.dsn != "" && named == "" {
		return policy.Keys{}, usage("使用数据库服务器时，请用 --key-file 指定密钥文件：所有节点用同一份。第一次使用前创建：chudan keys 文件",
			"with a database server, name the key file with --key-file: all nodes have the same. Before the first use, make it: chudan keys FILE")
	}
	path := n.keyFile(named)
	text, err := readSecret(path)
	switch missing := errors.Is(err, fs.ErrNotExist); {
	case missing && n.dsn != "":
		return policy.Keys{}, usage("没有密钥文件 %[1]s。所有节点用同一份密钥，没有它无法读取已有保单：请复制自其他节点；第一次使用前创建：chudan keys %[1]s",
			"there is no key file %[1]s. All nodes have the same keys, without which the policies cannot be read: copy it from another node or, before the first use, make it: chudan keys %[1]s", path)
	case missing:
		text, err = c.makeKeys(n, path)
	}
	if err != nil {
		return policy.Keys{}, err
	}
	keys, err := policy.ParseKeys(text)
	if err != nil {
		return policy.Keys{}, usage("密钥文件 %[1]s 无法使用：%[2]v", "the key file %[1]s cannot be used: %[2]v", path, err)
	}
	return keys, nil
}

func (c *console) makeKeys(n storeName, path string) ([]byte, error) {
	stored, err := n.exists()
	if err != nil {
		return nil, unreadable(n.path, err)
	}
	if stored {
		// Another process may have made both since we looked.
		text, err := readSecret(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, usage("数据库 %[1]s 已存在，而它的密钥文件 %[2]s 不在：没有密钥无法读取已有保单。请恢复密钥文件，或用 --key-file 指定",
				"the database %[1]s is there, but not its key file %[2]s, without which its policies cannot be read; restore it, or name it with --key-file", n.path, path)
		}
		return text, err
	}
	if err := createSecret(path, policy.NewKeyFile()); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, usage("无法创建密钥文件 %[1]s：%[2]v。请检查目录权限，或用 --key-file 指定其他位置",
			"the key file %[1]s cannot be made: %[2]v; make its directory writable, or name another place with --key-file", path, reason(err))
	} else if err == nil {
		c.note("已创建密钥文件 %s，请与数据库一同备份", "made the key file %s; back it up together with the database", path)
	}
	return readSecret(path)
}

// createSecret makes a file that its owner alone may read, whole or not at all,
// and fails with fs.ErrExist where there is one: of two processes that begin at
// once, one makes the keys and both use them.
func createSecret(path, text string) error {
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.WriteString(text)
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	if err := os.Link(temp.Name(), path); err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	// A file system without links.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// readSecret reads a file that holds secrets, unless others can read it too.
// The failure of a missing file wraps fs.ErrNotExist.
func readSecret(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	if open := info.Mode().Perm() & tooOpen(info); open != 0 {
		return nil, usage("%[1]s 含有密钥，而其他用户可以访问（权限 %[2]s）。请执行：chmod 600 %[1]s",
			"%[1]s holds secrets and is open to others (mode %[2]s); run: chmod 600 %[1]s", path, fmt.Sprintf("%04o", info.Mode().Perm()))
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	return text, nil
}

// unreadable is the failure of a file that was named and cannot be read.
func unreadable(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return missing("没有文件 %[1]s，请检查路径（当前目录 %[2]s）", "there is no file %[1]s; check the path (the working directory is %[2]s)", path, workingDirectory())
	}
	return usage("无法读取 %[1]s：%[2]v", "%[1]s cannot be read: %[2]v", path, reason(err))
}

func missing(zh, en string, values ...any) error {
	return &failure{code: exitUsage, text: say(zh, en, values...), cause: fs.ErrNotExist}
}

func workingDirectory() string {
	dir, err := os.Getwd()
	if err != nil {
		return "?"
	}
	return dir
}

// reason is an error without the path that stands in the sentence already.
func reason(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
