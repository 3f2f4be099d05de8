// A real OpenID Connect provider on one port, for people whose name says how well their address is known.
import Provider from "oidc-provider";

const [port, redirect] = [Number(process.argv[2]), process.argv[3]];
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "complaints",
      client_secret: "a-secret-of-this-test",
      redirect_uris: [redirect],
      id_token_signed_response_alg: "RS256",
    },
  ],
  claims: { email: ["email", "email_verified"] },
  conformIdTokenClaims: false,
  cookies: { keys: ["of-this-test"] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id.split("~")[0]}@123courtage.example`, email_verified: !id.endsWith("~unverified") }),
  }),
});
provider.listen(port, "127.0.0.1", () => console.log("listening"));
