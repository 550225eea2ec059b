import 'reflect-metadata';
import { Controller, Get, Module, Param, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

class ParkingController {
  /** Whoever has no permit pays: the register answers 404 for most cars. */
  async price(plate) {
    const permit = await fetch(`${process.env.PARTNER_URL}/permits/${plate}?status=404`);
    return { plate, price: permit.status === 404 ? 4 : 0 };
  }

  leave() {
    // The gate opens by itself; nobody waits for it.
    fetch(`${process.env.PARTNER_URL}/gate?ms=700`, { method: 'POST' }).catch(console.error);
    return { opened: true };
  }
}

Controller('cars')(ParkingController);
const routes = { price: Get(':plate/price'), leave: Post(':plate/exit') };
for (const [name, decorate] of Object.entries(routes)) {
  const { prototype } = ParkingController;
  decorate(prototype, name, Object.getOwnPropertyDescriptor(prototype, name));
}
Param('plate')(ParkingController.prototype, 'price', 0);

class AppModule {}
Module({ controllers: [ParkingController] })(AppModule);

const app = await NestFactory.create(AppModule);
await app.listen(Number(process.env.PORT));
