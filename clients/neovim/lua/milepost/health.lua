--- What `:checkhealth milepost` says.
local M = {}

local ADVICE = {
  "Install it so that `milepost` is on your PATH, or name it:",
  'vim.lsp.config("milepost", { cmd = { "/path/to/milepost", "serve", "--stdio" } })',
}

---@param command string[]
---@return string?
local function output_of(command)
  local started, process = pcall(vim.system, command, { text = true })
  local done = started and process:wait(20000) or nil
  return done and done.code == 0 and done.stdout or nil
end

---@param command string
local function check_server(command)
  local version = output_of({ command, "--version" })
  if not version then
    return vim.health.error(("The server `%s` could not be started"):format(command), ADVICE)
  end
  vim.health.ok(("%s at %s"):format(vim.trim(version), vim.fn.exepath(command)))
  for _, line in ipairs(vim.split(vim.trim(output_of({ command, "doctor" }) or ""), "\n", { trimempty = true })) do
    vim.health.info(line)
  end
end

local function check_clients()
  local clients = vim.lsp.get_clients({ name = "milepost" })
  if #clients == 0 then
    vim.health.info("No server is running; it starts with the first file of a folder with a milepost.yaml")
  end
  for _, client in ipairs(clients) do
    vim.health.ok(("Running for %s"):format(client.root_dir or "?"))
  end
end

function M.check()
  vim.health.start("milepost")
  if vim.fn.has("nvim-0.11") == 0 then
    return vim.health.error("Neovim 0.11 or newer is needed")
  end
  local command = vim.lsp.config.milepost and vim.lsp.config.milepost.cmd
  if type(command) ~= "table" then
    return vim.health.error("lsp/milepost.lua is not on the runtimepath")
  end
  if vim.lsp.is_enabled and not vim.lsp.is_enabled("milepost") then
    vim.health.warn("Not enabled", { 'vim.lsp.enable("milepost")' })
  end
  check_server(command[1])
  check_clients()
end

return M
