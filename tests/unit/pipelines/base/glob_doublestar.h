// The table of doublestar 2.0.4 (https://github.com/bmatcuk/doublestar), a part of which comes from
// Go's path/match_test.go, as data: pattern, path, answer. Under the licences of both:
//
// Copyright (c) 2014 Bob Matcuk
//
// Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
// associated documentation files (the "Software"), to deal in the Software without restriction,
// including without limitation the rights to use, copy, modify, merge, publish, distribute,
// sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
// furnished to do so, subject to the following conditions:
//
// The above copyright notice and this permission notice shall be included in all copies or
// substantial portions of the Software.
//
// THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
// NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
// NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
// DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
// OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
//
// Copyright (c) 2009 The Go Authors. All rights reserved.
//
// Redistribution and use in source and binary forms, with or without modification, are permitted
// provided that the following conditions are met:
//
//    * Redistributions of source code must retain the above copyright notice, this list of
//      conditions and the following disclaimer.
//    * Redistributions in binary form must reproduce the above copyright notice, this list of
//      conditions and the following disclaimer in the documentation and/or other materials provided
//      with the distribution.
//    * Neither the name of Google Inc. nor the names of its contributors may be used to endorse or
//      promote products derived from this software without specific prior written permission.
//
// THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR
// IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND
// FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT OWNER OR
// CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
// DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE,
// DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY,
// WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY
// WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
#pragma once

#include <array>

namespace pipeline::base::doublestar {

enum class Answer { yes, no, refused };

struct Case {
  const char* pattern;
  const char* path;
  Answer answer;
};

constexpr auto kCases = std::to_array<Case>({
    {"*", "", Answer::yes},
    {"*", "/", Answer::no},
    {"/*", "/", Answer::yes},
    {"/*", "/debug/", Answer::no},
    {"/*", "//", Answer::no},
    {"abc", "abc", Answer::yes},
    {"*", "abc", Answer::yes},
    {"*c", "abc", Answer::yes},
    {"*/", "a/", Answer::yes},
    {"a*", "a", Answer::yes},
    {"a*", "abc", Answer::yes},
    {"a*", "ab/c", Answer::no},
    {"a*/b", "abc/b", Answer::yes},
    {"a*/b", "a/c/b", Answer::no},
    {"a*b*c*d*e*", "axbxcxdxe", Answer::yes},
    {"a*b*c*d*e*/f", "axbxcxdxe/f", Answer::yes},
    {"a*b*c*d*e*/f", "axbxcxdxexxx/f", Answer::yes},
    {"a*b*c*d*e*/f", "axbxcxdxe/xxx/f", Answer::no},
    {"a*b*c*d*e*/f", "axbxcxdxexxx/fff", Answer::no},
    {"a*b?c*x", "abxbbxdbxebxczzx", Answer::yes},
    {"a*b?c*x", "abxbbxdbxebxczzy", Answer::no},
    {"ab[c]", "abc", Answer::yes},
    {"ab[b-d]", "abc", Answer::yes},
    {"ab[e-g]", "abc", Answer::no},
    {"ab[^c]", "abc", Answer::no},
    {"ab[^b-d]", "abc", Answer::no},
    {"ab[^e-g]", "abc", Answer::yes},
    {"a\\*b", "ab", Answer::no},
    {"a?b", "a☺b", Answer::yes},
    {"a[^a]b", "a☺b", Answer::yes},
    {"a???b", "a☺b", Answer::no},
    {"a[^a][^a][^a]b", "a☺b", Answer::no},
    {"[a-ζ]*", "α", Answer::yes},
    {"*[a-ζ]", "A", Answer::no},
    {"a?b", "a/b", Answer::no},
    {"a*b", "a/b", Answer::no},
    {"[\\]a]", "]", Answer::yes},
    {"[\\-]", "-", Answer::yes},
    {"[x\\-]", "x", Answer::yes},
    {"[x\\-]", "-", Answer::yes},
    {"[x\\-]", "z", Answer::no},
    {"[\\-x]", "x", Answer::yes},
    {"[\\-x]", "-", Answer::yes},
    {"[\\-x]", "a", Answer::no},
    {"[]a]", "]", Answer::refused},
    {"[-]", "-", Answer::refused},
    {"[x-]", "x", Answer::refused},
    {"[x-]", "-", Answer::refused},
    {"[x-]", "z", Answer::refused},
    {"[-x]", "x", Answer::refused},
    {"[-x]", "-", Answer::refused},
    {"[-x]", "a", Answer::refused},
    {"\\", "a", Answer::refused},
    {"[a-b-c]", "a", Answer::refused},
    {"[", "a", Answer::refused},
    {"[^", "a", Answer::refused},
    {"[^bc", "a", Answer::refused},
    {"a[", "a", Answer::no},
    {"a[", "ab", Answer::refused},
    {"*x", "xxx", Answer::yes},
    {"[abc]", "b", Answer::yes},
    {"**", "", Answer::yes},
    {"a/**", "a", Answer::no},
    {"a/**", "a/b", Answer::yes},
    {"a/**", "a/b/c", Answer::yes},
    {"**/c", "c", Answer::yes},
    {"**/c", "b/c", Answer::yes},
    {"**/c", "a/b/c", Answer::yes},
    {"**/c", "a/b", Answer::no},
    {"**/c", "abcd", Answer::no},
    {"**/c", "a/abc", Answer::no},
    {"a/**/b", "a/b", Answer::yes},
    {"a/**/c", "a/b/c", Answer::yes},
    {"a/**/d", "a/b/c/d", Answer::yes},
    {"a/\\**", "a/b/c", Answer::no},
    {"a//b/c", "a/b/c", Answer::no},
    {"a/b/c", "a/b//c", Answer::no},
    {"a/", "a", Answer::no},
    {"ab{c,d}", "abc", Answer::yes},
    {"ab{c,d,*}", "abcde", Answer::yes},
    {"ab{c,d}[", "abcd", Answer::refused},
    {"a{,bc}", "a", Answer::yes},
    {"a{,bc}", "abc", Answer::yes},
    {"a/{b/c,c/b}", "a/b/c", Answer::yes},
    {"a/{b/c,c/b}", "a/c/b", Answer::yes},
    {"{a/{b,c},abc}", "a/b", Answer::yes},
    {"{a/{b,c},abc}", "a/c", Answer::yes},
    {"{a/{b,c},abc}", "abc", Answer::yes},
    {"{a/{b,c},abc}", "a/b/c", Answer::no},
    {"{a/ab*}", "a/abc", Answer::yes},
    {"{a/*}", "a/b", Answer::yes},
    {"{a/abc}", "a/abc", Answer::yes},
    {"{a/b,a/c}", "a/c", Answer::yes},
    {"abc/**", "abc/b", Answer::yes},
    {"**/abc", "abc", Answer::yes},
    {"abc**", "abc/b", Answer::no},
    {"**/*.txt", "abc/【test】.txt", Answer::yes},
    {"**/【*", "abc/【test】.txt", Answer::yes},
    {"broken-symlink", "broken-symlink", Answer::yes},
    {"working-symlink/c/*", "working-symlink/c/d", Answer::yes},
    {"working-sym*/*", "working-symlink/c", Answer::yes},
    {"b/**/f", "b/symlink-dir/f", Answer::yes},
});

}  // namespace pipeline::base::doublestar
