-- What a user writes, with the server of this checkout; questions are answered by the tests.
vim.lsp.config("milepost", { cmd = { vim.env.MILEPOST_COMMAND, "serve", "--stdio" } })
vim.lsp.enable("milepost")
