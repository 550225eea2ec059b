import 'reflect-metadata';
import { Controller, Get, Module, NotFoundException, Param, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { balanceOf, prepare, transfer } from './accounts.mjs';

class AccountsController {
  async balance(id) {
    const balance = await balanceOf(id);
    if (balance === undefined) throw new NotFoundException('No such account');
    return { balance };
  }

  async statement(id) {
    // Printed on paper-like pages, which takes what it takes.
    const printed = await fetch(`${process.env.PARTNER_URL}/print?ms=420`);
    return { id, pages: await printed.json() };
  }

  async move(id) {
    await transfer(id, 10);
    return { moved: 10 };
  }
}

Controller('accounts')(AccountsController);
const routes = { balance: Get(':id'), statement: Get(':id/statement'), move: Post(':id/transfers') };
for (const [name, decorate] of Object.entries(routes)) {
  const { prototype } = AccountsController;
  decorate(prototype, name, Object.getOwnPropertyDescriptor(prototype, name));
  Param('id')(prototype, name, 0);
}

class AppModule {}
Module({ controllers: [AccountsController] })(AppModule);

await prepare();
const app = await NestFactory.create(AppModule);
await app.listen(Number(process.env.PORT));
