#include "digest.h"

#include "tap.h"

int main(void)
{
	char text[DIGEST_TEXT], other[DIGEST_TEXT];
	digest_of("", 0, text);
	is_str(text, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "nothing");
	digest_of("abc", 3, text);
	is_str(text, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "abc");

	struct digest *digest = digest_new();
	for (int i = 0; i < 1000000; i++)
		digest_add(digest, "a", 1);
	digest_add(digest, NULL, 0);
	digest_finish(digest, text);
	is_str(text, "sha256:cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", "a million times a");

	digest = digest_new();
	digest_add_field(digest, "ab", 2);
	digest_add_field(digest, "c", 1);
	digest_finish(digest, text);
	digest = digest_new();
	digest_add_field(digest, "a", 1);
	digest_add_field(digest, "bc", 2);
	digest_finish(digest, other);
	ok(strcmp(text, other) != 0, "fields do not run into each other");
	digest_of("2:ab1:c", 7, other);
	is_str(text, other, "a field is its length, a colon and its bytes");

	ok(digest_is_hex(strchr(text, ':') + 1), "what it is, without its name");
	ok(!digest_is_hex(text) && !digest_is_hex("") && !digest_is_hex("ab"), "and what it is not");
	strcpy(other, strchr(text, ':') + 1);
	strcat(other, "0");
	ok(!digest_is_hex(other), "a digit too many");
	other[64] = '\0';
	other[0] = 'A';
	ok(!digest_is_hex(other), "a capital letter");

	digest_free(digest_new());
	digest_free(NULL);
	return done_testing();
}
